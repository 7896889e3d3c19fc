/** What checks ask of the jobs of a cluster, from what slurmctld remembers of them. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { compileConditions } from '../../src/courses/compile-conditions.ts';
import { lessonSchema } from '../../src/shared/course/course.ts';

const library = join(import.meta.dirname, 'check.sh');
const home = mkdtempSync(join(tmpdir(), 'jobs-'));
after(() => rmSync(home, { recursive: true }));
mkdirSync(join(home, '.cluster'));

interface Fields {
	[key: string]: string | number;
}
/** A line as `scontrol --oneliner show job` writes it. */
const record = (id: number, name: string, fields: Fields): string => {
	const all: Fields = {
		JobState: 'COMPLETED',
		ExitCode: '0:0',
		RunTime: '00:00:01',
		NumNodes: 1,
		SubmitTime: '2026-01-01T10:00:00',
		...fields,
	};
	const { ArrayJobId, ArrayTaskId, ...rest } = all;
	const array = ArrayJobId === undefined ? '' : ` ArrayJobId=${ArrayJobId} ArrayTaskId=${ArrayTaskId}`;
	const text = Object.entries(rest).map(([key, value]) => `${key}=${value}`);
	return `JobId=${id}${array} JobName=${name} UserId=learner(1000) ${text.join(' ')} `;
};
/** Seconds of one minute. */
const times = (submitted: number, began: number, ended: number): Fields => ({
	SubmitTime: `2026-01-01T10:00:${submitted}`,
	EligibleTime: `2026-01-01T10:00:${submitted}`,
	StartTime: `2026-01-01T10:00:${began}`,
	EndTime: `2026-01-01T10:00:${ended}`,
});
writeFileSync(join(home, 'half.txt'), 'by the second\n');
writeFileSync(join(home, 'out.txt'), 'c1 is here\nc2 too\n');
const jobs = [
	record(1, 'first job.sh', { StdOut: join(home, 'out.txt') }),
	record(2, 'wrong', { JobState: 'FAILED', ExitCode: '3:0', RunTime: '1-00:01:05', SubmitTime: '2026-01-01T10:00:01' }),
	record(3, 'pair', { NumNodes: 2, SubmitTime: '2026-01-01T10:00:02', StartTime: '2026-01-01T10:00:05', EndTime: '2026-01-01T10:00:09' }),
	record(4, 'sum', {
		SubmitTime: '2026-01-01T10:00:03',
		EligibleTime: '2026-01-01T10:00:09',
		StartTime: '2026-01-01T10:00:09',
		EndTime: '2026-01-01T10:00:10',
	}),
	record(5, 'early', {
		SubmitTime: '2026-01-01T10:00:03',
		EligibleTime: '2026-01-01T10:00:03',
		StartTime: '2026-01-01T10:00:04',
		EndTime: '2026-01-01T10:00:10',
	}),
	record(6, 'going', { JobState: 'RUNNING', SubmitTime: '2026-01-01T10:00:04' }),
	record(8, 'tasks', { ArrayJobId: 7, ArrayTaskId: 1, SubmitTime: '2026-01-01T10:00:05' }),
	record(9, 'tasks', { ArrayJobId: 7, ArrayTaskId: 2, JobState: 'FAILED', ExitCode: '1:0', SubmitTime: '2026-01-01T10:00:05' }),
	record(7, 'tasks', { ArrayJobId: 7, ArrayTaskId: 3, SubmitTime: '2026-01-01T10:00:05' }),
	// Tasks of different length: the jobs after them are submitted at once, and have a number between that of the array and those of its tasks.
	...[17, 18, 16].map((id, at) => record(id, 'long', { ArrayJobId: 10, ArrayTaskId: at, ...times(10, 10, 20 + at) })),
	record(10, 'long', { ArrayJobId: 10, ArrayTaskId: 3, ...times(10, 10, 23) }),
	record(11, 'waited', { ...times(10, 23, 24), EligibleTime: '2026-01-01T10:00:23' }),
	record(12, 'no-room', { ...times(10, 23, 24), EligibleTime: '2026-01-01T10:00:10' }),
	record(13, 'some', { ...times(10, 21, 24), EligibleTime: '2026-01-01T10:00:21' }),
	record(14, 'never', { JobState: 'CANCELLED', Dependency: 'afterok:2(failed)', SubmitTime: '2026-01-01T10:00:11' }),
	record(15, 'plainly', { JobState: 'CANCELLED', Dependency: '(null)', SubmitTime: '2026-01-01T10:00:11' }),
	// Two attempts, each half right.
	record(20, 'half', { ...times(30, 30, 31), StdOut: join(home, 'half.txt') }),
	record(21, 'half', { ...times(32, 32, 33), JobState: 'FAILED', ExitCode: '1:0', NumNodes: 2, StdOut: join(home, 'half.txt') }),
	record(22, 'half', { JobState: 'PENDING', SubmitTime: '2026-01-01T10:00:34', StartTime: 'Unknown', StdOut: join(home, 'half.txt') }),
].join('\n');
writeFileSync(join(home, 'jobs'), `${jobs}\n`);

/** In place of Slurm: programs are called through `timeout`. */
const slurm = `port_open() { [ "\${SLURM_IS:-up}" = up ]; }
timeout() { shift; [ "$1" = scontrol ] || return 9; case $* in *'write batch_script'*) echo "$4" >> ~/asked; echo "srun job $4" ;; *) cat ~/jobs ;; esac; }`;

function says(check: unknown, { language = 'en', up = true } = {}): string {
	const [step] = lessonSchema.parse({ minutes: 1, steps: [{ id: 'x', check }] }).steps;
	if (!Array.isArray(step?.check)) throw new Error('no conditions');
	const script = compileConditions('x', step.check).replace('. /opt/etabli/check.sh', () => `. '${library}'\n${slurm}`);
	const env = { ETABLI_LANG: language, HOME: home, PATH: process.env['PATH'], SLURM_IS: up ? 'up' : 'down' };
	const { status, stdout, stderr } = spawnSync('/bin/sh', ['-c', script], { cwd: home, input: '', encoding: 'utf8', env });
	assert.ok(status === 0 || status === 10, `${status}: ${stderr}\n${script}`);
	return stdout.trim();
}

test('what is so', () => {
	for (const check of [
		{ job: '^first job\\.sh$', state: 'COMPLETED', output: ['^c1 is', '^c2'], script: '^srun job 1$' },
		{ job: '^wrong$', state: 'FAILED', exit: 3, lasted: 86_465 },
		{ job: '^pair$', nodes: 2 },
		{ job: '^sum$', after: '^pair$' },
		{ job: '^going$', state: 'RUNNING' },
		{ job: '^tasks$', tasks: 3 },
		{ job: '^tasks$', state: 'COMPLETED', tasks: 2 },
		{ job: '^waited$', after: '^long$' },
		{ job: '^never$', state: 'CANCELLED', dependency: '^afterok:' },
		{ job: '^half$', state: 'FAILED', output: '^by the second$' },
	])
		assert.equal(says(check), '', JSON.stringify(check));
});

test('what is not so is told with what was found, in both languages', () => {
	const rows: [object, string][] = [
		[{ job: '^none$' }, 'The job "none" has not been submitted yet: give it to sbatch.'],
		[{ job: '^first', state: 'FAILED' }, 'The job "first" (no. 1) is in the state COMPLETED, not FAILED.'],
		[{ job: '^going$', state: 'COMPLETED' }, 'The job "going" (no. 6) has not ended yet (state RUNNING): wait, and look with `squeue`.'],
		[{ job: '^wrong$', exit: 1 }, 'The job "wrong" (no. 2) ended with the code 3, not 1.'],
		[{ job: '^sum$', nodes: 2 }, 'The job "sum" (no. 4) has 1 node(s), not 2.'],
		[{ job: '^early$', after: '^pair$' }, 'The job "early" (no. 5) did not wait for "pair".'],
		[{ job: '^tasks$', state: 'COMPLETED', tasks: 3 }, 'Not all tasks are there yet: 3 of one array are needed.'],
		[{ job: '^first', output: 'moo' }, 'The output of job no. 1 does not contain "moo"; it begins with "c1 is here".'],
		[{ job: '^pair$', script: 'mpirun' }, 'The job "pair" was submitted without "mpirun" in its script.'],
		[{ job: '^no-room$', after: '^long$' }, 'The job "no-room" (no. 12) did not wait for "long".'],
		[{ job: '^some$', after: '^long$' }, 'The job "some" (no. 13) did not wait for "long".'],
		[{ job: '^plainly$', dependency: '^afterok:' }, 'The job "plainly" (no. 15) does not have "afterok:" as its dependency.'],
		// What the second has written is not the first one's, which alone has passed the questions before.
		[
			{ job: '^half$', state: 'COMPLETED', output: '^by the second$' },
			'Another job has written the output file of job no. 20 since: submit it once more.',
		],
		[{ job: '^half$', state: 'COMPLETED', nodes: 2 }, 'The job "half" (no. 20) has 1 node(s), not 2.'],
		[{ job: '^sum$', lasted: 9 }, 'The job "sum" (no. 4) lasted 1 s, not 9.'],
	];
	for (const [check, expected] of rows) assert.equal(says(check), expected);
	assert.equal(says({ job: '^wrong$', exit: 1 }, { language: 'fr' }), 'Le travail « wrong » (n° 2) a fini avec le code 3, et non 1.');
});

test('the script of an array is asked for once', () => {
	rmSync(join(home, 'asked'), { force: true });
	assert.equal(says({ job: '^long$', script: '^srun job 10$|^srun job 16$' }), '');
	assert.equal(readFileSync(join(home, 'asked'), 'utf8').trim().split('\n').length, 1);
});

test('where Slurm does not answer, the learner is told how to start it', () => {
	assert.equal(says({ job: 'x' }, { up: false }), 'Slurm does not answer: `cluster status` says why, `cluster restart` starts it again.');
});

test('jobs that a reset has forgotten do not count', () => {
	const forgotten = join(home, '.cluster/forgotten');
	writeFileSync(forgotten, '2\n');
	assert.equal(says({ job: '^wrong$' }), 'The job "wrong" has not been submitted yet: give it to sbatch.');
	assert.equal(says({ job: '^pair$' }), '');
	rmSync(forgotten);
});
