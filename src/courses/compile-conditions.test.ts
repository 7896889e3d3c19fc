import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, beforeEach, test } from 'node:test';
import { lessonSchema } from '../shared/course/course.ts';
import { compileConditions } from './compile-conditions.ts';

const library = resolve(import.meta.dirname, '../../sandbox-server/guest/check.sh');
const folder = mkdtempSync(join(tmpdir(), 'conditions '));
after(() => rmSync(folder, { recursive: true }));
beforeEach(() => {
	rmSync(folder, { recursive: true });
	mkdirSync(folder);
});

const conditions = (check: unknown) => {
	const [step] = lessonSchema.parse({ minutes: 1, steps: [{ id: 'x', check }] }).steps;
	if (!Array.isArray(step?.check)) throw new Error('no conditions');
	return step.check;
};

const history = [
	'0\t1\tfirst/1\t/home\techo one',
	'1\t1\tfirst/1\t/home\tcat none.txt',
	'0\t1\tfirst/1\t/home\tmake hay',
	'1\t1\tfirst/1\t/home\tmake it so',
	'0\t1\tfirst/1\t/home\tA=1 singularity run x.sif\tMoo',
	'1\t1\tfirst/1\t/home\tcd /tmp && singularity build x.sif x.def',
	'0\t1\tfirst/1\t/home\tcat my-singularity push',
	'0\t1\tfirst/1\t/home\tls -l\ttotal 4\\n-rw-r--r-- a\\tb c\\\\n',
	'',
].join('\n');

/** What the conditions say in this folder: "" when all is so. */
function says(check: unknown, language = 'en', cwd = folder): string {
	const script = compileConditions('x', conditions(check)).replaceAll('/opt/etabli/check.sh', library);
	const env = {
		ANIMAL: 'heron',
		CLUSTER_SCRATCH: '$SCRATCH/a.b+c',
		CLUSTER_PARTITION: 'cpu',
		ETABLI_LANG: language,
		HOME: folder,
		LEARNER: 'learner-1',
		PATH: process.env['PATH'],
	};
	const { status, stdout, stderr } = spawnSync('/bin/sh', ['-c', script], { cwd, input: history, encoding: 'utf8', env });
	assert.ok(status === 0 || status === 10, `${status}: ${stderr}\n${script}`);
	assert.equal(status === 0, stdout === '');
	return stdout.trim();
}
const put = (name: string, text: string, mode = 0o644) => writeFileSync(join(folder, name), text, { mode });

test('a check is made that reads as one written by hand', () => {
	const check = [
		{ dir: 'kept', hint: 1 },
		{ file: "it's.txt", fail: { fr: 'Non ; $(x)', en: "It isn't `y`." }, hint: 2 },
	];
	assert.equal(
		compileConditions('copy', conditions(check)),
		`#!/bin/sh
# Made from the conditions of the step "copy" in lesson.yaml.
. /opt/etabli/check.sh
! file_exists 'kept' || fail 'kept est un fichier, et non un dossier : renommez-le (mv), puis faites le dossier.' 'kept is a file, not a folder: rename it (mv), then make the folder.' hint 1
dir_exists 'kept' || fail 'Il n’y a pas encore de dossier kept dans le dossier de la leçon.' 'There is no folder kept in the lesson'\\''s folder yet.' hint 1
! dir_exists 'it'\\''s.txt' || fail 'Non ; $(x)' 'It isn'\\''t \`y\`.' hint 2
file_exists 'it'\\''s.txt' || fail 'Non ; $(x)' 'It isn'\\''t \`y\`.' hint 2
pass
`,
	);
});

test('a file that was made in another folder: where it lies, and the way back', () => {
	const lesson = join(folder, 'lesson');
	mkdirSync(lesson);
	put('out.txt', 'hello');
	assert.equal(
		says({ file: 'out.txt', contains: 'hello', hint: 1 }, 'fr', lesson),
		'`~/out.txt` n’est pas dans le dossier de la leçon : `cd ~/lesson`, puis refaites-le.\nhint: 1',
	);
	assert.equal(says({ file: 'out.txt' }, 'en', lesson), "`~/out.txt` is not in the lesson's folder: `cd ~/lesson`, then make it again.");
	assert.equal(says({ file: 'other.txt' }, 'en', lesson), "There is no file other.txt in the lesson's folder yet.");
	assert.equal(says({ file: 'out.txt', fail: { fr: 'Non.', en: 'No.' } }, 'en', lesson), 'No.');
	put('lesson/out.txt', 'hello');
	assert.equal(says({ file: 'out.txt', contains: 'hello' }, 'en', lesson), '');
});

test('a file: missing, empty, with other content, as it should be; in both languages', () => {
	const check = { file: 'out.txt', contains: 'hello', hint: 2 };
	assert.equal(says(check, 'fr'), 'Il n’y a pas encore de fichier out.txt dans le dossier de la leçon.\nhint: 2');
	put('out.txt', '');
	assert.equal(says(check), 'out.txt exists, but it is empty.\nhint: 2');
	put('out.txt', '\nworld\x1b[31m\n');
	assert.equal(says(check, 'fr'), 'out.txt existe, mais ne contient pas encore « hello » ; il commence par « world[31m ».\nhint: 2');
	put('out.txt', 'say hello\n');
	assert.equal(says(check), '');
	assert.equal(says({ file: 'out.txt', contains: ['^say', 'hell?'] }), '');
	assert.match(
		says({ file: 'out.txt', contains: ['^say', '[0-9]+'] }),
		/^out\.txt exists, but what is expected is not in it yet; it begins with "say hello"\.$/,
	);
	assert.equal(says({ file: 'out.txt', lacks: 'h[aeiou]llo' }), 'out.txt contains "say hello", which should not be there.');
	assert.equal(says({ file: 'out.txt', equals: 'say hello' }), '');
	assert.equal(says({ file: 'out.txt', equals: 'other' }), 'out.txt contains "say hello", not "other".');
	assert.equal(says({ file: 'out.txt', mode: 644 }), '');
	assert.equal(says({ file: '~/out.txt', mode: '0600' }), 'The rights of ~/out.txt are 644, not 600: change them by chmod.');
	assert.equal(says({ file: 'out.txt', missing: true }), 'out.txt is still there: delete it, or move it away.');
	assert.equal(says({ file: 'none', missing: true }), '');
	assert.equal(says({ file: 'out.txt', same_as: 'in.txt' }), 'There is no file in.txt, of which out.txt is to be a copy: make that first.');
	put('in.txt', 'x');
	assert.equal(says({ file: 'out.txt', same_as: 'in.txt' }), 'out.txt has not the same content as in.txt.');
	assert.equal(says({ file: 'out.txt', same_as: 'out.txt' }), '');
});

test('a folder where a file should be, and the reverse', () => {
	mkdirSync(join(folder, '-d'), { mode: 0o755 });
	assert.equal(says({ file: '-d' }), '-d is a folder, not a file: rename it (mv), then make the file.');
	assert.equal(says({ dir: '-d', mode: 755 }), '');
	put('f', '');
	assert.equal(says({ dir: 'f' }, 'fr'), 'f est un fichier, et non un dossier : renommez-le (mv), puis faites le dossier.');
	assert.match(says({ dir: 'a/b' }), /^There is no folder a\/b yet\.$/);
});

test('commands: never run, run and failed, run well, in order', () => {
	assert.equal(says({ ran: '^apptainer pull' }), 'The command that is expected ("apptainer pull") has not been run yet.');
	assert.equal(says({ ran: 'make it' }), '"make it so" did not end well: read what it answered, then try again.');
	assert.equal(says({ ran: '^make' }), '');
	assert.equal(says({ ran: 'cat', failed: true }), '');
	assert.equal(says({ ran: 'echo', failed: true }), '"echo one" ended well: here the failure is what is to be seen.');
	assert.equal(says({ ran: 'hay', after: 'echo' }), '');
	assert.equal(says({ ran: 'echo', after: 'make hay' }, 'fr'), '« echo one » vient trop tôt : d’abord « make hay ».');
});

test('apptainer by its old name is apptainer: run, failed, in order, printed; a word of that name is not', () => {
	assert.equal(says({ ran: '^(A=1 )?apptainer run' }), '');
	assert.equal(says({ ran: 'apptainer run x.sif$', after: '^echo one' }), '');
	assert.equal(says({ ran: '&& apptainer build', failed: true }), '');
	assert.equal(
		says({ ran: 'apptainer build' }),
		'"cd /tmp && singularity build x.sif x.def" did not end well: read what it answered, then try again.',
	);
	assert.equal(says({ printed: '^Moo$', by: 'apptainer run' }), '');
	assert.equal(says({ ran: 'singularity run' }), '');
	assert.match(says({ ran: 'apptainer push' }), /has not been run yet/);
});

test('what runs and what listens', async (t) => {
	const { createServer } = await import('node:http');
	const { spawn } = await import('node:child_process');
	const sleeper = spawn('sleep', ['4321.5'], { detached: true, stdio: 'ignore' });
	t.after(() => sleeper.kill());
	assert.equal(says({ process: 'sleep 4321' }), '');
	assert.equal(says({ process: '^sleep 4321', missing: true }), '"sleep 4321.5" still runs: end it.');
	assert.equal(says({ process: 'no-such-program' }), 'The program "no-such-program" does not run: start it.');
	assert.equal(says({ process: 'no-such-program', missing: true }), '');
	const server = createServer((request, response) => response.end(`\n<p>${request.url}</p>\n`)).listen(0, '127.0.0.1');
	t.after(() => server.close());
	await new Promise((resolve) => server.once('listening', resolve));
	const { port } = server.address() as { port: number };
	assert.equal(says({ port }), '');
	assert.equal(says({ port, missing: true }), `A program still listens on port ${port}: end it.`);
	server.close();
	await new Promise((resolve) => server.once('close', resolve));
	assert.equal(says({ port }, 'fr'), `Aucun programme n’écoute sur le port ${port} : lancez-le.`);
});

test('what is no image, and what the registry lacks, is told', () => {
	assert.equal(says({ sif: 'x.sif' }), "There is no image x.sif in the lesson's folder yet.");
	put('x.sif', 'nothing');
	assert.equal(
		says({ sif: 'x.sif', signed: true }),
		'x.sif exists, but it is not a complete SIF image: delete that file, then make the image again.',
	);
	const script = compileConditions('x', conditions({ registry: '$LEARNER/cow:1.0' }));
	assert.match(script, /registry_has ''"\$LEARNER"'\/cow:1\.0'/);
});

test('no text of an author becomes a part of the program', () => {
	const evil = `'; touch evil; echo "$(touch evil)\`touch evil\` \\`;
	put(evil.replace('/', ''), 'x');
	assert.equal(says({ file: evil, contains: 'x' }), '');
	for (const check of [
		{ file: 'none', fail: { fr: evil, en: evil } },
		{ file: evil, equals: evil },
		{ ran: "x(y)?'; touch evil #" },
		{ dir: evil },
	]) {
		assert.notEqual(says(check), '');
		assert.equal(says({ file: 'evil', missing: true }), '');
	}
});

test("a learner's own value stands where the author names it", () => {
	put('heron.txt', 'a heron\n');
	assert.equal(says({ file: '{{animal}}.txt', contains: '^a {{animal}}$' }), '');
	assert.equal(says({ file: '{{animal}}s.txt' }), "There is no file herons.txt in the lesson's folder yet.");
	assert.equal(says({ file: 'x', fail: { fr: 'Un {{animal}} ?', en: "It isn't a {{animal}}." } }), "It isn't a heron.");
});

test('a name of the operator’s cluster stands for itself, in a regular expression too', () => {
	put('there.sh', 'cd $SCRATCH/a.b+c\n#SBATCH --partition=cpu\n');
	const check = { file: 'there.sh', contains: ['^cd {{cluster.scratch}}$', '--partition={{ cluster.partition }}$'] };
	assert.equal(says(check), '');
	put('there.sh', 'cd $SCRATCH/aXb+c\n#SBATCH --partition=cpu\n');
	assert.match(says(check), /what is expected is not in it yet/);
	assert.equal(says({ file: '{{cluster.partition}}.txt' }), "There is no file cpu.txt in the lesson's folder yet.");
});

test('what commands printed, line by line, and by which', () => {
	assert.equal(says({ printed: '^total [0-9]+$' }), '');
	assert.equal(says({ printed: 'a[[:space:]]b c\\\\n$', by: '^ls' }), '');
	assert.equal(says({ printed: 'total', by: '^echo' }, 'fr'), '« echo one » n’a pas affiché « total ».');
	assert.equal(says({ printed: 'total', by: 'du -sh' }), 'The command "du -sh" has not been run yet.');
	assert.equal(says({ printed: 'l 4 -' }), 'No command has printed "l 4 -" yet.');
	assert.equal(says({ printed: '^ls' }), 'No command has printed "ls" yet.');
});
