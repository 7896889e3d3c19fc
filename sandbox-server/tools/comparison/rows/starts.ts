/** How long a container takes until it does something. */
import type { Cell } from '../../../../src/shared/comparison/comparison.ts';
import { figure } from '../cells.ts';
import { absenceOf, absent, cellsOf, type Trial } from '../trial.ts';
import type { Part } from './row.ts';

/** One after the other, all contenders in turns: what else the machine does meets all of them. */
export const starts: Part = async (trials, { scale, late, seconds, detail }) => {
	const samples = new Map<Trial, number[]>(trials.map((trial) => [trial, []]));
	const broken = new Map<Trial, Cell>();
	for (let round = 0; round < scale.starts && !late(); round++) {
		detail(`start ${round + 1} of ${scale.starts}`);
		for (const trial of trials) {
			if (broken.has(trial)) continue;
			try {
				samples.get(trial)?.push(await trial.with(async ({ readyMs }) => readyMs));
			} catch (error) {
				trial.kit.signal.throwIfAborted();
				broken.set(trial, absenceOf(error, 'ended', trial.bounds.start));
			}
		}
	}
	const cells = (p: number): Record<string, Cell> =>
		Object.fromEntries(
			trials.map((trial) => {
				const seen = samples.get(trial) ?? [];
				const none = broken.get(trial) ?? (seen.length === 0 ? absent('late', { seconds: String(seconds) }) : undefined);
				return [trial.contender.id, none ?? figure(seen, { unit: 'ms', how: 'start', p })];
			}),
		);
	return { startMedian: cells(50), startSlow: cells(95) };
};

/** All at the same moment, one contender after the other. */
export const atOnce: Part = async (trials, { scale, late, seconds, detail }) => ({
	atOnce: await cellsOf(trials, 'failed', async (trial) => {
		if (late()) return absent('late', { seconds: String(seconds) });
		detail(`${scale.atOnce} at once: ${trial.contender.name}`);
		const begun = performance.now();
		const all = await Promise.allSettled(
			Array.from({ length: scale.atOnce }, async () => {
				const running = await trial.start();
				return { running, ms: performance.now() - begun };
			}),
		);
		await Promise.all(all.map((one) => (one.status === 'fulfilled' ? trial.end(one.value.running) : undefined)));
		const failed = all.find((one) => one.status === 'rejected');
		if (failed) throw failed.reason;
		return figure(
			all.flatMap((one) => (one.status === 'fulfilled' ? [one.value.ms / 1000] : [])),
			{ unit: 's', how: 'atOnce', p: 100 },
		);
	}),
});
