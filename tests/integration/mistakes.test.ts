/**
 * Checks and conditions of the lessons that judge by what was typed: a mistake that was understood since is not reproached again, and the
 * mistake that a step is about does not pass. Only the shell and the files of a lesson are needed here, no engine.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { compileConditions } from '../../src/courses/compile-conditions.ts';
import { lessonSchema } from '../../src/shared/course/course.ts';

const root = resolve(import.meta.dirname, '../..');
const course = join(root, 'courses/tp-apptainer');
const cow = '   (oo)_________\n   (__)         )~\n      ||-----w |\n';
const calm = `| x |\n${cow}`;
const amazed = calm.replace('oo', 'OO');
const contained = 'PID   USER     COMMAND\n    1 learner  appinit\n';
const kernel = spawnSync('uname', ['-r'], { encoding: 'utf8' }).stdout;
const stations = 'station,temperature\nNice,19.0\n';
const asked = 'apptainer exec lolcow.sif uname -r > kernel.txt';
const recipe = 'Bootstrap: docker\nFrom: localhost:5000/debian:1.0\n\n%runscript\n  cowsay "$@"\n';
const image = 'is_sif() { [ -f "$1" ]; }';
const bound = 'apptainer exec --bind data:/data:ro lolcow.sif awk 1 /data/x > mean.txt';

interface Case {
	/** A script's path; of conditions: the lesson's folder and the step. */
	check: string;
	/** What the lesson's folder holds, the oldest first; scripts can be executed. */
	files?: Record<string, string>;
	/** Helpers that would ask Apptainer, as shell functions. */
	helpers?: string;
	/** Commands, oldest first; one that begins with "!" ended with 1, with "?" it was not found. */
	typed: string[];
	/** What the learner reads; undefined: the step is done. */
	says?: RegExp;
}

const cases: Case[] = [
	// pull: another name, and then what was tried last.
	{
		check: '01-first-container/checks/pull.sh',
		files: { 'lolcow_1.0.sif': 'x' },
		typed: ['apptainer pull docker://localhost:5000/lolcow:1.0'],
		says: /under the name lolcow_1\.0\.sif/,
	},
	{
		check: '01-first-container/checks/pull.sh',
		files: { 'lolcow_1.0.sif': 'x' },
		typed: ['apptainer pull docker://localhost:5000/lolcow:1.0', '!apptainer pull lolcow.sif docker://localhost:5000/lolcow:9'],
		says: /last apptainer pull failed/,
	},
	// run: the bare name, by the old name of the program, quoted by echo, with a redirection in place of words.
	{ check: '01-first-container/checks/run.sh', typed: ['!lolcow.sif'], says: /does not look for programs/ },
	{ check: '01-first-container/checks/run.sh', typed: ['!lolcow.sif', '!apptainer run nolcow.sif'], says: /apptainer run failed/ },
	{
		check: '01-first-container/checks/run.sh',
		typed: ['echo apptainer run lolcow.sif', './lolcow.sif moo'],
		says: /not been run with apptainer run/,
	},
	{ check: '01-first-container/checks/run.sh', typed: ['apptainer run lolcow.sif', './lolcow.sif 2> errors'], says: /with no sentence/ },
	{ check: '01-first-container/checks/run.sh', typed: ['!lolcow.sif', 'singularity run lolcow.sif', './lolcow.sif moo'] },
	// shell: made by another command than the shell.
	{ check: '01-first-container/checks/shell.sh', files: { 'moo.txt': calm }, typed: ['apptainer shell lolcow.sif'] },
	{
		check: '01-first-container/checks/shell.sh',
		files: { 'moo.txt': calm },
		typed: ['apptainer shell lolcow.sif', 'apptainer exec lolcow.sif cowsay x > moo.txt'],
		says: /outside apptainer shell wrote it last/,
	},
	// shared: the redirection of one's own shell is the mistake that the step is about.
	{
		check: '01-first-container/checks/shared.sh',
		files: { 'kernel.txt': kernel, 'hello.txt': 'x\n' },
		typed: [asked, 'apptainer exec lolcow.sif echo x > hello.txt'],
		says: /your shell, outside, wrote it/,
	},
	{
		check: '01-first-container/checks/shared.sh',
		files: { 'kernel.txt': kernel, 'hello.txt': 'x\n' },
		typed: [asked, 'apptainer exec lolcow.sif echo x > hello.txt', "apptainer exec lolcow.sif sh -c 'echo x > hello.txt'", 'cat hello.txt'],
	},
	{
		check: '01-first-container/checks/shared.sh',
		files: { 'kernel.txt': kernel },
		typed: [asked, 'uname -r > kernel.txt'],
		says: /the workbench was asked/,
	},
	// contain: processes alone are not everything.
	{
		check: '01-first-container/checks/contain.sh',
		files: { 'contained.txt': contained },
		typed: ['apptainer exec --containall lolcow.sif ps', 'apptainer exec --pid lolcow.sif ps > contained.txt'],
		says: /still sees all your files/,
	},
	{
		check: '01-first-container/checks/contain.sh',
		files: { 'contained.txt': '1 agent\n' },
		typed: ['apptainer exec --contain lolcow.sif ps > contained.txt', 'apptainer exec lolcow.sif ps > contained.txt'],
		says: /that container was not isolated/,
	},
	{
		check: '01-first-container/checks/contain.sh',
		files: { 'contained.txt': contained },
		typed: ['apptainer exec -c lolcow.sif ps > contained.txt', 'apptainer exec --containall lolcow.sif ps > contained.txt'],
	},
	// bind, closed, environment, home: the option stands in the command that made the result, not in some other one.
	{
		check: '02-inside-a-sif/checks/bind.sh',
		files: { 'data/temperatures.csv': stations, 'mean.txt': '13\n' },
		typed: [bound.replace('> mean.txt', ''), 'apptainer exec lolcow.sif awk 1 data/x > mean.txt'],
		says: /was not shown the folder data/,
	},
	{
		check: '02-inside-a-sif/checks/bind.sh',
		files: { 'data/temperatures.csv': stations, 'mean.txt': '13\n' },
		typed: [bound, bound.replace(':ro', '')],
		says: /could have damaged the data/,
	},
	{
		check: '02-inside-a-sif/checks/bind.sh',
		files: { 'data/temperatures.csv': stations, 'mean.txt': '13\n' },
		typed: ['export APPTAINER_BIND=data:/data:ro', 'apptainer exec lolcow.sif awk 1 /data/x > mean.txt'],
	},
	{
		check: '02-inside-a-sif/checks/closed.sh',
		files: { 'hottest.txt': 'Nice,19.0\n' },
		typed: ['apptainer exec --containall --bind data:/data:ro lolcow.sif ls', 'apptainer exec lolcow.sif sort data/x > hottest.txt'],
		says: /still saw the whole workbench/,
	},
	{
		check: '02-inside-a-sif/checks/environment.sh',
		files: { 'clean.txt': calm, 'amazed.txt': amazed },
		typed: ['apptainer run --cleanenv lolcow.sif', 'apptainer run lolcow.sif x > clean.txt'],
		says: /only because nothing troubled her/,
	},
	{
		check: '02-inside-a-sif/checks/environment.sh',
		files: { 'clean.txt': calm, 'amazed.txt': amazed },
		typed: [
			'apptainer run --cleanenv lolcow.sif x > clean.txt',
			'apptainer run --env COW_MOOD=amazed lolcow.sif',
			'COW_MOOD=amazed apptainer run lolcow.sif > amazed.txt',
		],
		says: /comes from your shell/,
	},
	{
		check: '02-inside-a-sif/checks/home.sh',
		files: { 'house/.keep': '', 'note.txt': 'x' },
		typed: ['apptainer exec lolcow.sif echo x > note.txt', '!apptainer exec --home house lolcow.sif touch /x/note.txt'],
		says: /The last command failed/,
	},
	{
		check: '02-inside-a-sif/checks/home.sh',
		files: { 'house/.keep': '' },
		typed: ['!apptainer exec --home house lolcow.sif touch /x/note.txt', 'apptainer shell --home house lolcow.sif'],
		says: /The folder house is ready/,
	},
	// What was exported last counts, too.
	{
		check: '02-inside-a-sif/checks/bind.sh',
		files: { 'data/temperatures.csv': stations, 'mean.txt': '13\n' },
		typed: [
			'export APPTAINER_BIND=data:/data:ro',
			'export APPTAINER_BIND=data:/data',
			'apptainer exec lolcow.sif awk 1 /data/x > mean.txt',
		],
		says: /could have damaged the data/,
	},
	{
		check: '02-inside-a-sif/checks/environment.sh',
		files: { 'clean.txt': calm, 'amazed.txt': amazed },
		typed: [
			'apptainer run --cleanenv lolcow.sif x > clean.txt',
			'export APPTAINERENV_COW_MOOD=amazed',
			'unset APPTAINERENV_COW_MOOD',
			'COW_MOOD=amazed apptainer run lolcow.sif > amazed.txt',
		],
		says: /comes from your shell/,
	},
	{
		check: '06-files-and-binds/checks/file.sh',
		files: { 'mine.txt': 'hello\n', 'mine.cow': `hello\n${cow}` },
		typed: [
			'export APPTAINER_BIND=mine.txt:/usr/share/fortunes',
			'unset APPTAINER_BIND',
			'apptainer exec lolcow.sif cowsay hello > mine.cow',
		],
		says: /given as an argument/,
	},
	// An export alone has done nothing, nor one that came after the result.
	{
		check: '02-inside-a-sif/checks/bind.sh',
		files: { 'data/temperatures.csv': stations, 'mean.txt': '13\n' },
		typed: ['export APPTAINER_BIND=data:/data:ro', 'awk 1 data/x > mean.txt'],
		says: /was not shown the folder data/,
	},
	{
		check: '02-inside-a-sif/checks/environment.sh',
		files: { 'clean.txt': calm, 'amazed.txt': amazed },
		typed: [
			'apptainer run --cleanenv lolcow.sif x > clean.txt',
			'COW_MOOD=amazed apptainer run lolcow.sif > amazed.txt',
			'export APPTAINERENV_COW_MOOD=amazed',
		],
		says: /comes from your shell/,
	},
	{
		check: '06-files-and-binds/checks/file.sh',
		files: { 'mine.txt': 'hello\n', 'mine.cow': `hello\n${cow}` },
		typed: ['export APPTAINER_BIND=mine.txt:/usr/share/fortunes', 'printf "$cow" > mine.cow'],
		says: /given as an argument/,
	},
	{
		check: '06-files-and-binds/checks/file.sh',
		files: { 'mine.txt': 'hello\n', 'mine.cow': `hello\n${cow}` },
		typed: ['export APPTAINER_BIND=mine.txt:/usr/share/fortunes', './lolcow.sif > mine.cow'],
	},
	{
		check: '06-files-and-binds/several',
		files: { 'out/hottest.txt': 'Nice,19.0\n', 'out/lines.txt': '3\n' },
		typed: ['export APPTAINER_BIND=in:/in:ro,out:/out', 'sort in/x > out/hottest.txt'],
		says: /not written from a container/,
	},
	// build: the last build failed, and then another image was brought in its place.
	{
		check: '03-build/checks/definition.sh',
		files: { 'lolcow.def': recipe, 'lolcow.sif': 'x' },
		helpers: `${image}; sif_built_from() { false; }; sif_definition() { echo 'bootstrap: docker'; }`,
		typed: ['!apptainer build lolcow.sif lolcow.def', 'apptainer pull lolcow.sif docker://localhost:5000/lolcow:1.0'],
		says: /ready-made image that was downloaded/,
	},
	{
		check: '03-build/checks/definition.sh',
		files: { 'lolcow.def': recipe, 'lolcow.sif': 'x' },
		helpers: `${image}; sif_built_from() { false; }`,
		typed: ['apptainer build lolcow.sif lolcow.def', '!apptainer build --force lolcow.sif lolcow.def'],
		says: /The last build stopped/,
	},
	// The option stands in the command that made the result, where conditions ask for it.
	{
		check: '04-overlays-instances-sharing/pull',
		files: { 'lolcow.sif': 'x', 'copy.sif': 'x' },
		helpers: image,
		typed: ['apptainer pull other.sif oras://localhost:5000/ada/lolcow:1.0', 'cp lolcow.sif copy.sif'],
		says: /is a copy of a file/,
	},
	{
		check: '04-overlays-instances-sharing/pull',
		files: { 'lolcow.sif': 'x', 'copy.sif': 'x' },
		helpers: image,
		typed: ['cp lolcow.sif other.sif', 'mv other.sif copy.sif'],
		says: /nothing has been pulled from the registry/,
	},
	{
		check: '04-overlays-instances-sharing/pull',
		files: { 'lolcow.sif': 'x', 'copy.sif': 'x' },
		helpers: image,
		typed: ['apptainer pull oras://localhost:5000/ada/lolcow:1.0', 'mv lolcow_1.0.sif copy.sif'],
	},
	{
		check: '04-overlays-instances-sharing/pull',
		files: { 'lolcow.sif': 'x', 'copy.sif': 'x' },
		helpers: image,
		typed: ['singularity -q pull copy.sif oras://localhost:5000/ada/lolcow:1.0'],
	},
	{
		check: '06-files-and-binds/where',
		files: { 'programs.txt': 'cowsay\n' },
		typed: ['apptainer exec --cwd /tmp lolcow.sif pwd', 'apptainer exec lolcow.sif ls /usr/local/bin > programs.txt'],
		says: /Get it with `--cwd`/,
	},
	{
		check: '06-files-and-binds/several',
		files: { 'out/hottest.txt': 'Nice,19.0\n', 'out/lines.txt': '3\n' },
		typed: [
			'apptainer exec --bind in:/in:ro lolcow.sif ls /in',
			'apptainer exec --bind in:/in,out:/out lolcow.sif sort > /out/hottest.txt',
		],
		says: /never bound read-only/,
	},
	{
		check: '06-files-and-binds/links',
		files: { 'far.txt': 'elsewhere\n' },
		typed: ['apptainer exec --contain --bind /tmp/project42 lolcow.sif ls', 'apptainer exec lolcow.sif cat in/far/notes.txt > far.txt'],
		says: /does not come from an isolated container/,
	},
	{
		check: '13-limits/inherit',
		files: { 'inherited.txt': '100\n' },
		typed: ['(ulimit -n 100; apptainer exec lolcow.sif true)', '(ulimit -n 100; ulimit -n) > inherited.txt'],
		says: /from a container started under/,
	},
	{
		check: '16-layers/squash',
		files: { 'tools.sqfs': 'x', 'hello.txt': 'hello\n' },
		typed: ['apptainer exec --overlay tools.sqfs:ro lolcow.sif ls /opt', 'echo hello > hello.txt'],
		says: /through the overlay/,
	},
	// A command that could not be found has not refused anything; one that was kept from an older image says nothing of this one.
	{
		check: '12-services/checks/ready.sh',
		files: { 'up.sh': '#!/bin/sh\n' },
		helpers: 'instance_running() { :; }',
		typed: ['?up.sh 8082', './up.sh 8090'],
		says: /What remains is to see it refuse/,
	},
	{
		check: '12-services/checks/ready.sh',
		files: { 'up.sh': '#!/bin/sh\n' },
		helpers: 'instance_running() { :; }',
		typed: ['./up.sh 8082', './up.sh 8090'],
		says: /did not end with 1.*has to look whether/,
	},
	{
		check: '09-small-images/checks/budget.sh',
		files: { 'build.sh': '#!/bin/sh\n', 'kept.sif': 'x' },
		helpers: image,
		typed: ['?build.sh refused.sif heavy.def', './build.sh kept.sif light.def'],
		says: /What remains is to see the refusal/,
	},
	{
		check: '12-services/checks/ready.sh',
		files: { 'up.sh': '#!/bin/sh\n' },
		helpers: 'instance_running() { :; }',
		typed: ['./up.sh 8082', './up.sh 8090'],
		says: /did not end with 1.*has to look whether/,
	},
	{
		check: '09-small-images/checks/budget.sh',
		files: { 'build.sh': '#!/bin/sh\n', 'kept.sif': 'x' },
		helpers: image,
		typed: ['?build.sh refused.sif heavy.def', './build.sh kept.sif light.def', '!./build.sh refused.sif heavy.def'],
	},
	{
		check: '15-apps-and-pipelines/checks/tests.sh',
		files: { 'tested.txt': 'FATAL\n', 'stations.def': recipe, 'stations.sif': 'x' },
		helpers: `${image}; sif_built_from() { :; }; timeout() { case "$*" in *--bind*) false ;; esac; }`,
		typed: ['!apptainer test --app mean stations.sif > tested.txt', 'apptainer build --force stations.sif stations.def'],
		says: /now keep a trace/,
	},
];

/** Text of a check script, or the one that is made from a step's conditions. */
function scriptOf(check: string): string {
	if (check.endsWith('.sh')) return readFileSync(join(course, check), 'utf8');
	const [lesson = '', id = ''] = check.split('/');
	const { steps } = lessonSchema.parse(parse(readFileSync(join(course, lesson, 'lesson.yaml'), 'utf8')));
	const asked = steps.find((step) => step.id === id)?.check;
	assert.ok(Array.isArray(asked), `${check} has conditions`);
	return compileConditions(id, asked);
}

const codes: Record<string, number> = { '!': 1, '?': 127 };

function judge({ check, files = {}, helpers = '', typed }: Case): { code: number | null; said: string } {
	const folder = mkdtempSync(join(tmpdir(), 'etabli-mistakes-'));
	try {
		for (const [index, [name, text]] of Object.entries(files).entries()) {
			const file = join(folder, name);
			mkdirSync(dirname(file), { recursive: true });
			writeFileSync(file, text);
			if (name.endsWith('.sh')) chmodSync(file, 0o755);
			utimesSync(file, 1e9 + index, 1e9 + index);
		}
		const library = join(root, 'sandbox-server/guest/check.sh');
		const script = scriptOf(check).replace('. /opt/etabli/check.sh', () => `. '${library}'\n${helpers}`);
		const input = typed.map((line) => `${codes[line[0] ?? ''] ?? 0}\t5\tlesson/1\t/home/learner\t${line.replace(/^[!?]/, '')}\n`).join('');
		const { status, stdout, stderr } = spawnSync('/bin/bash', ['-c', script], {
			cwd: folder,
			input,
			encoding: 'utf8',
			env: { ETABLI_LANG: 'en', HOME: '/nonexistent', PATH: '/usr/bin:/bin' },
		});
		return { code: status, said: stdout + stderr };
	} finally {
		rmSync(folder, { recursive: true });
	}
}

for (const [index, one] of cases.entries()) {
	test(`${one.check} ${index + 1}: ${one.typed.at(-1)}`, () => {
		const { code, said } = judge(one);
		if (one.says) {
			assert.match(said, one.says);
			assert.equal(code, 10, said);
		} else {
			assert.equal(code, 0, said);
		}
	});
}
