/** Draws certificates beside the server: fonts and glyphs take a tenth of a second of a processor, during which no terminal may stand still. */
import { parentPort, workerData } from 'node:worker_threads';
import { certificatePdf, unprintable } from './certificate-pdf.ts';
import type { DrawOrder } from './draw.ts';

const order = workerData as DrawOrder;
parentPort?.postMessage('letters' in order ? unprintable(order.letters) : await certificatePdf(order.certificate, order.request));
