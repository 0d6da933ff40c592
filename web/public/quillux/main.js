// Everything that cards and the canvas draw, made once for a page: Chainlit compiles the small files under elements/
// again for each card, and what is made here keeps its state meanwhile.
import { makeCanvas } from './canvas.js';
import { countApprovals } from './badge.js';
import { makeCard } from './card.js';
import { makeChart } from './chart.js';
import { makeParts } from './parts.js';

// Chainlit's own default is dark; ours is what the person's system says.
if (!localStorage.getItem('vite-ui-theme')) localStorage.setItem('vite-ui-theme', 'system');

countApprovals();

let made;
window.quillux = (given) => {
  if (!made) {
    const kit = { ...given, Chart: makeChart(given) };
    kit.parts = makeParts(kit);
    made = { Card: makeCard(kit), Canvas: makeCanvas(kit) };
  }
  return made;
};
