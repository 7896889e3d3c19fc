/** Plays a room against a server that runs, in a thread of its own. */
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { patience } from '../../testing/slowness.ts';
import type { RoomOrder, RoomReport } from './room-play.ts';

/** For so long the room's people may take to put everything away after an interrupt, ms on an ordinary machine. */
const leaveMs = 40_000;

export interface RoomRequest extends RoomOrder {
	onScene: (what: string) => void;
	signal: AbortSignal;
}

/** After an interrupt, workbenches and room are put away first. @throws the signal's reason; Error when the room cannot be made, or its people's thread breaks */
export async function runRoom({ onScene, signal, ...order }: RoomRequest): Promise<RoomReport> {
	signal.throwIfAborted();
	const worker = new Worker(join(import.meta.dirname, 'room-worker.ts'), { workerData: order });
	let leave = (): void => undefined;
	let bound: NodeJS.Timeout | undefined;
	try {
		return await new Promise<RoomReport>((resolve, reject) => {
			const left = (): void => reject(signal.reason);
			leave = () => {
				onScene('the room is put away');
				worker.postMessage('leave');
				bound = setTimeout(left, patience(leaveMs));
			};
			signal.addEventListener('abort', leave, { once: true });
			worker.on('message', ({ scene, report }: { scene?: string; report?: RoomReport }) => {
				if (scene !== undefined) onScene(scene);
				if (report) resolve(report);
			});
			worker.once('error', reject);
			worker.once('exit', () => (signal.aborted ? left() : reject(new Error('the people of the room ended before it did'))));
		});
	} finally {
		signal.removeEventListener('abort', leave);
		clearTimeout(bound);
		await worker.terminate();
	}
}
