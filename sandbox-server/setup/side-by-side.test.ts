import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { sideBySide } from './side-by-side.ts';

test('what each gave, in order, whoever was first', async () => {
	let go = () => {};
	const gone = new Promise<void>((resolve) => {
		go = resolve;
	});
	const both = await sideBySide(
		undefined,
		async () => {
			await gone;
			return 'slow';
		},
		async () => {
			go();
			return 2;
		},
	);
	assert.deepEqual(both, ['slow', 2]);
});

test('the first failure is the one that is told, after the others have ended', async () => {
	const said: string[] = [];
	const failed = sideBySide(
		undefined,
		async (signal) => {
			await once(signal, 'abort');
			said.push('ended');
			signal.throwIfAborted();
		},
		async () => {
			throw new Error('no disk');
		},
	);
	await assert.rejects(failed, /no disk/);
	assert.deepEqual(said, ['ended']);
});

test('whoever stops all of it stops each', async () => {
	const outer = new AbortController();
	const reason = new Error('Ctrl-C');
	const stopped = sideBySide(outer.signal, async (signal) => {
		await once(signal, 'abort');
		signal.throwIfAborted();
	});
	outer.abort(reason);
	await assert.rejects(stopped, reason);
});
