import * as React from 'react';
import * as Icons from 'lucide-react';
import * as Recoil from 'recoil';
import * as Sonner from 'sonner';
import * as Client from '@chainlit/react-client';

// Chainlit compiles this file for each card and each redraw; what it draws is compiled once, so that it keeps its state.
const { Card } = window.quillux({ React, Icons, Recoil, Sonner, Client });
export default <Card {...props} callAction={callAction} />;
