/** `prove` from one end to the other: a server of its own or a running one, the plays, their report. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { ServerConfig } from '../../config.ts';
import type { CheckRun } from '../../grading/check-runner.ts';
import { explainFileError } from '../../setup/failure.ts';
import type { Asker } from '../../setup/packages.ts';
import type { DataPaths } from '../../setup/paths.ts';
import type { Machinery } from '../../setup/prepare.ts';
import { elapsed, type Progress } from '../../setup/progress.ts';
import { brokenInLog } from './broken-in-log.ts';
import { inspectorOf } from './leftovers.ts';
import { type Deed, type OwnServer, onOwnServer } from './own-server.ts';
import { type Play, provePlays } from './plays.ts';
import { type ProveRequest, type StepProof, setupStep } from './prove.ts';

export interface Rehearsal {
	plays: readonly Play[];
	parallel: number;
	/** Time that one command may take, in ms; undefined: a minute. */
	commandMs?: number | undefined;
	progress: Progress;
	signal: AbortSignal;
}

export interface Stage {
	config: ServerConfig;
	paths: DataPaths;
	asker: Asker;
	/** What sandboxes are made with, when it is there already. */
	machinery?: Machinery;
}

export const proving: Deed = {
	going: 'Lessons are being proved',
	needs: 'Lessons are proved in real sandboxes',
	cannot: 'Lessons cannot be proved',
	command: 'prove',
};

/** A server that runs already. */
export interface Elsewhere extends Pick<ProveRequest, 'address' | 'cookie'> {
	/** Its log, where that can be read; undefined: nobody here knows what a broken check printed. */
	log: string | undefined;
}

/** Plays on a server that runs already. @throws the signal's reason */
export function rehearseAt({ address, cookie, log }: Elsewhere, rehearsal: Rehearsal): Promise<StepProof[]> {
	const broken =
		log === undefined ? () => 'What it printed is in the log of that server: logs/server.log of its data folder.' : brokenInLog(log);
	return play(address, rehearsal, { cookie, broken });
}

/** Plays on a server of its own, started and stopped for it. @throws Failure; the signal's reason */
export function rehearse(rehearsal: Rehearsal, stage: Stage): Promise<StepProof[]> {
	const { progress, signal, plays } = rehearsal;
	const broken = new Map<string, string>();
	const request: OwnServer = {
		...stage,
		courses: [...new Set(plays.map(({ course }) => course))],
		progress,
		signal,
		deed: proving,
		onCheckRun: (judged) => {
			if (judged.state === 'error') broken.set(`${judged.learner}/${judged.step}`, described(judged));
		},
		onSetupFailed: ({ learner, text }) => broken.set(`${learner}/${setupStep}`, text),
	};
	return onOwnServer(request, (address, server) =>
		play(address, rehearsal, {
			broken: (learner, step) => broken.get(`${learner}/${step}`),
			inspect: (lab, { lesson, language }) => {
				const sandbox = server.sandboxNamed(lab);
				return sandbox && inspectorOf(sandbox, lesson, language);
			},
		}),
	);
}

function play(
	address: string,
	{ plays, parallel, commandMs, progress, signal }: Rehearsal,
	insight: Pick<ProveRequest, 'broken' | 'cookie' | 'inspect'> = {},
) {
	const lessons = new Set(plays.map(({ lesson }) => lesson)).size;
	return progress.step(`Proving ${lessons} ${lessons === 1 ? 'lesson' : 'lessons'}: ${plays.length} plays, ${parallel} at a time`, (step) =>
		provePlays({
			address,
			plays,
			parallel,
			signal,
			...(commandMs !== undefined && { commandMs }),
			...insight,
			onProof: ({ fault, lesson, step: id, language }) => step.detail(`${fault ? '✗' : '✓'} ${lesson}/${id} ${language}`),
			onPlay: ({ course, lesson, language, way }, proofs, ms) => {
				const bad = proofs.filter(({ fault }) => fault).map((proof) => (way === 'in order' ? `${proof.lesson}/${proof.step}` : proof.step));
				const how = { blocks: 'by the run blocks', solution: 'by the solutions', 'in order': 'and all after it in one sandbox' }[way];
				const result = bad.length > 0 ? `at fault: ${bad.join(', ')}` : `${proofs.length} steps`;
				progress.say(`  ${bad.length > 0 ? '✗' : '✓'} ${course.slug}/${lesson.slug} ${language}, ${how}: ${result} (${elapsed(ms)})`);
			},
		}),
	);
}

/** How the check's script ended and what it printed, for its author. */
export function described({ result: { outcome, code, ms, stdout, stderr } }: Pick<CheckRun, 'result'>): string {
	const ends: Record<string, string> = {
		exited: `ended with status ${code}`,
		signal: `was ended by signal ${code}`,
		'time-limit': `did not end within ${Math.round(ms / 1000)} s`,
		'output-limit': 'printed too much',
		'not-started': `could not be started (error ${code}): does the program of its #! line exist in the image?`,
	};
	const said = [stdout, stderr].map((text) => text.trim().slice(-2000)).filter(Boolean);
	return [`The script ${ends[outcome] ?? outcome}${said.length > 0 ? ' and printed:' : ' and printed nothing.'}`, ...said].join('\n');
}

/** @throws Failure when the file cannot be written */
export function writeReport(file: string, text: string): void {
	const path = resolve(file);
	try {
		mkdirSync(dirname(path), { recursive: true });
		writeFileSync(path, text);
	} catch (error) {
		throw explainFileError(error, `write the report ${path}`);
	}
}
