/** What programs in a container pay for its walls: system calls, new programs, files of the host, files of their own. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Cell } from '../../../../src/shared/comparison/comparison.ts';
import { figure } from '../cells.ts';
import type { Running } from '../running.ts';
import { absenceOf, absent, type Trial } from '../trial.ts';
import type { Part, Scale } from './row.ts';

const pieces = ['syscalls', 'programs', 'untar', 'read'] as const;
type Piece = (typeof pieces)[number];

/** Ends with a word that shows that it was done, and not refused. */
const ok = 'worked';

/** The same script for everybody; $1 is the container's name. */
export function script(piece: Piece, { bytes, programs, reads }: Scale): string {
	switch (piece) {
		case 'syscalls':
			return `dd if=/dev/zero of=/dev/null bs=1 count=${bytes} 2>/dev/null && echo ${ok}`;
		case 'programs':
			return `i=0; while [ $i -lt ${programs} ]; do /bin/true || exit 1; i=$((i + 1)); done; echo ${ok}`;
		case 'untar':
			return `mkdir "/mnt/$1" && tar -x --no-same-owner -f /mnt/files.tar -C "/mnt/$1" && rm -r "/mnt/$1" && echo ${ok}`;
		case 'read':
			return `find /usr -xdev -type f -readable 2>/dev/null | head -n ${reads} | tar -c -f - -T - 2>/dev/null | wc -c && echo ${ok}`;
	}
}

/** An archive of small files. @throws Error when tar fails */
export function makeArchive(folder: string, files: number): string {
	const source = join(folder, 'files');
	for (let at = 0; at < files; at++) {
		const place = join(source, `d${at % 40}`);
		if (at < 40) mkdirSync(place, { recursive: true });
		writeFileSync(join(place, `f${at}`), 'x'.repeat(1024));
	}
	const archive = join(folder, 'files.tar');
	const { status } = spawnSync('tar', ['-c', '-f', archive, '-C', source, '.'], { timeout: 60_000 });
	rmSync(source, { recursive: true, force: true });
	if (status !== 0) throw new Error('tar could not make the archive');
	return archive;
}

/** In turns: one container for each contender, all of them there from the beginning. */
export const work: Part = async (trials, { scale, folder, late, over, seconds, signal, detail }) => {
	const archive = makeArchive(folder, scale.files);
	const samples: Record<Piece, Map<Trial, number[]>> = { syscalls: new Map(), programs: new Map(), untar: new Map(), read: new Map() };
	const broken: Record<Piece, Map<Trial, Cell>> = { syscalls: new Map(), programs: new Map(), untar: new Map(), read: new Map() };
	const open = new Map<Trial, Running>();
	/** Its container, another one when the last had to be given up. */
	const containerOf = async (trial: Trial): Promise<Running> => {
		const running = open.get(trial) ?? (await trial.start());
		open.set(trial, running);
		return running;
	};
	try {
		for (const trial of trials) copyFileSync(archive, join(trial.work, 'files.tar'));
		// The first time files are read is the disk's: it does not count. What then comes first is done for everybody, further rounds as time allows.
		for (let round = -1; round < scale.rounds; round++)
			for (const piece of pieces) {
				if (round < 0 && piece !== 'read') continue;
				for (const trial of trials) {
					if (broken[piece].has(trial) || over() || (round > 0 && late())) continue;
					detail(`${piece}, round ${round + 1} of ${scale.rounds}: ${trial.contender.name}`);
					try {
						const running = await containerOf(trial);
						const begun = performance.now();
						const said = await running.exec(script(piece, scale), trial.bounds.work, signal);
						const ms = performance.now() - begun;
						if (!said.includes(ok)) broken[piece].set(trial, absent('failed', {}, running.words()));
						else if (round >= 0) samples[piece].set(trial, [...(samples[piece].get(trial) ?? []), ms]);
					} catch (error) {
						signal.throwIfAborted();
						broken[piece].set(trial, absenceOf(error, 'ended', trial.bounds.work));
						const running = open.get(trial);
						open.delete(trial);
						if (running) await trial.end(running);
					}
				}
			}
	} finally {
		await Promise.all([...open].map(([trial, running]) => trial.end(running)));
	}
	const cells = (piece: Piece): Record<string, Cell> =>
		Object.fromEntries(
			trials.map((trial) => {
				const seen = samples[piece].get(trial);
				const none = broken[piece].get(trial) ?? (seen ? undefined : absent('late', { seconds: String(seconds) }));
				return [trial.contender.id, none ?? figure(seen ?? [], { unit: 'ms', how: piece })];
			}),
		);
	return { syscalls: cells('syscalls'), programs: cells('programs'), untar: cells('untar'), read: cells('read') };
};
