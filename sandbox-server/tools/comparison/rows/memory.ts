/** What an idle container needs: its main process, and whatever has to stay with it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { pssBytes } from '../../benchmarks/proc.ts';
import { answer, figure } from '../cells.ts';
import { allProcesses, cameWith } from '../processes.ts';
import type { Running } from '../running.ts';
import { absent, cellsOf } from '../trial.ts';
import type { Part } from './row.ts';

/** ms until those that only help with the start have gone. */
const settling = 300;

export const memory: Part = async (trials, { scale, late, seconds, detail }) => ({
	memory: await cellsOf(trials, 'unreadable', async (trial) => {
		if (late()) return absent('late', { seconds: String(seconds) });
		if (!trial.kit.root) return absent('needsRoot');
		detail(`idle: ${trial.contender.name}`);
		const before = new Set(allProcesses().map(({ pid }) => pid));
		const running: Running[] = [];
		try {
			for (let at = 0; at < scale.idle; at++) running.push(await trial.start());
			await sleep(settling);
			const clients = running.map(({ pid }) => pid);
			const names = running.map(({ place }) => place.name);
			const all = allProcesses();
			const found = cameWith(all, { before, names, clients });
			// Engines' clients may go; whoever starts without one stays with what it has started.
			const counted = found.filter((pid) => trial.contender.stays || !clients.includes(pid));
			const bytes = counted.reduce((sum, pid) => sum + pss(pid), 0);
			const kinds = [...new Set(counted.map((pid) => all.find((one) => one.pid === pid)?.comm ?? ''))].filter(Boolean);
			return {
				...figure([bytes / scale.idle / 2 ** 20], { unit: 'MiB', how: 'memory' }),
				samples: scale.idle,
				said: kinds.join(', ').slice(0, 300),
			};
		} finally {
			await Promise.all(running.map((one) => trial.end(one)));
		}
	}),
	daemon: await cellsOf(trials, 'unreadable', async ({ contender, kit }) => {
		if (contender.daemons.length === 0) return answer('no', 'processes');
		// The one that was started for this run is the one of whoever started it.
		const own = (line: string) => line.includes(kit.run);
		const all = allProcesses().filter(({ comm }) => contender.daemons.includes(comm));
		const seen = contender.id === 'containerd' ? all.filter(({ line }) => own(line)) : all.filter(({ line }) => !own(line));
		const bytes = kit.root ? seen.reduce((sum, { pid }) => sum + pss(pid), 0) : undefined;
		const names = [...new Set(seen.map(({ comm }) => comm))].join(', ');
		return answer('yes', 'processes', { said: bytes === undefined ? names : `${names}: ${(bytes / 2 ** 20).toFixed(0)} MiB` });
	}),
});

function pss(pid: number): number {
	try {
		return pssBytes(pid) || 0;
	} catch {
		// It has ended since it was listed.
		return 0;
	}
}
