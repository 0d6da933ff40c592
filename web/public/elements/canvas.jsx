import * as React from 'react';
import * as Icons from 'lucide-react';
import * as Recoil from 'recoil';
import * as Sonner from 'sonner';
import * as Client from '@chainlit/react-client';

const { Canvas } = window.quillux({ React, Icons, Recoil, Sonner, Client });
export default <Canvas key={props.message} {...props} />;
