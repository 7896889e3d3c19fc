/** The people of a rehearsed room, in a thread of their own: the server's answers must not wait for what its visitors do. */
import { once } from 'node:events';
import { parentPort, workerData } from 'node:worker_threads';
import { playRoom, type RoomOrder } from './room-play.ts';

const onScene = (scene: string) => parentPort?.postMessage({ scene });
const over = new AbortController();
// The one message that comes says that it is over.
if (parentPort) void once(parentPort, 'message').then(() => over.abort());
try {
	parentPort?.postMessage({ report: await playRoom(workerData as RoomOrder, { onScene, signal: over.signal }) });
} catch (error) {
	if (!over.signal.aborted) throw error;
	// Everything is put away. What its people still wait for, they wait for no more.
	process.exit();
}
