/** Conditions about images, instances and signatures, against the real Apptainer in a real sandbox. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { patience } from '../../sandbox-server/tools/testing/slowness.ts';
import { compileConditions } from '../../src/courses/compile-conditions.ts';
import { lessonSchema } from '../../src/shared/course/course.ts';
import { SandboxHarness, sandboxEngine } from './sandbox-harness.ts';

const real = await sandboxEngine();
const library = readFileSync(resolve(import.meta.dirname, '../../sandbox-server/guest/check.sh'), 'utf8');

describe('conditions on real images', { skip: 'missing' in real ? real.missing : false }, () => {
	let sandbox: SandboxHarness;
	before(async () => {
		if ('missing' in real) throw new Error(real.missing);
		sandbox = new SandboxHarness(real);
		await sandbox.start();
		await sandbox.output(`mkdir -p lib root/bin && cat > lib/check.sh <<'END_OF_LIBRARY'\n${library}\nEND_OF_LIBRARY`);
		await sandbox.output(
			`programs=$(printf '/bin/%s ' sh sleep mkdir cat ln chmod); cp $programs root/bin; ldd $programs | grep -o '/lib[^ :]*' | sort -u | while read -r file; do cp -L --parents "$file" root; done`,
		);
		await sandbox.output(
			`printf 'Bootstrap: localimage\\nFrom: base.sif\\n%%labels\\n  Author Ada\\n%%runscript\\n  echo moo\\n%%help\\n  A cow.\\n' > x.def
			apptainer -q build base.sif root && apptainer -q build x.sif x.def && cp x.sif copy.sif`,
		);
	});
	after(() => sandbox.stop());

	/** "": all is so. */
	const says = async (check: unknown): Promise<string> => {
		const [step] = lessonSchema.parse({ minutes: 1, steps: [{ id: 'x', check }] }).steps;
		if (!Array.isArray(step?.check)) throw new Error('no conditions');
		const script = compileConditions('x', step.check).replace('. /opt/etabli/check.sh', '. ~/lib/check.sh </dev/null');
		const { outcome, code, stdout, stderr } = await sandbox.run(script, { env: { ETABLI_LANG: 'en', LEARNER: 'learner-1' } });
		assert.equal(outcome, 'exited');
		assert.ok(code === 0 || code === 10, `${code}: ${stderr}`);
		return code === 0 ? '' : stdout.trim();
	};
	const helper = async (body: string): Promise<string> => (await sandbox.output(`. ~/lib/check.sh </dev/null\n${body}\npass`)).trim();

	it('everything that an image says of itself', async () => {
		const all = {
			sif: 'x.sif',
			label: { Author: '^Ada$' },
			definition: '^From: base',
			runscript: 'echo moo',
			help: 'cow',
			built_from: 'x.def',
			built_here: true,
			at_most: '20 MiB',
			arch: (await sandbox.output('dpkg --print-architecture')).trim(),
			partitions: 1,
		};
		assert.equal(await says(all), '');
	});

	it('what is otherwise is told with what was found', async () => {
		const rows: [object, RegExp][] = [
			[{ label: { Author: 'Bob' } }, /^The label Author of x\.sif is "Ada", not "Bob"\.$/],
			[{ label: { Version: '.' } }, /^x\.sif has no label Version yet\.$/],
			[{ runscript: 'echo baa' }, /^The runscript of x\.sif does not contain "echo baa"\.$/],
			[{ at_most: '0.001 MiB' }, /^x\.sif weighs [\d.]+ [KM]iB; it is to weigh 2 KiB at most\.$/],
			[{ arch: 's390x' }, /^x\.sif is made for \w+, not for s390x\.$/],
			[{ partitions: 2 }, /^x\.sif holds 1 file system\(s\), not 2\.$/],
			[{ built_from: 'y.def' }, /^There is no recipe y\.def in the lesson's folder: write it\.$/],
			[{ signed: true }, /^x\.sif is not signed yet: apptainer sign does it\.$/],
		];
		for (const [more, expected] of rows) assert.match(await says({ sif: 'x.sif', ...more }), expected);
		await sandbox.output('printf "%%environment\\n  X=1\\n" >> x.def');
		assert.match(await says({ sif: 'x.sif', built_from: 'x.def' }), /not built from x\.def as it is now/);
	});

	it('a recipe with a remark before its header, and with arguments, is that of its image', async () => {
		const recipe = '# How to build it\n\nBootstrap: localimage\nFrom: base.sif\n\n%arguments\n  V=1\n\n%labels\n  Version {{ V }}\n';
		await sandbox.output(`cat > v.def <<'END'\n${recipe}END\napptainer -q build --build-arg V=2 v.sif v.def`);
		assert.equal(await says({ sif: 'v.sif', built_from: 'v.def', label: { Version: '^2$' } }), '');
		await sandbox.output("sed -i 's/  Version/  Release/' v.def");
		assert.match(await says({ sif: 'v.sif', built_from: 'v.def' }), /not built from v\.def as it is now/);
	});

	it('remarks between stages and headers, a header and a label whose values are signs and words, are those of their image', async () => {
		const stages =
			'\n  # One stage\n#  Bootstrap: docker\nBOOTSTRAP: localimage\n# from\nFrom: base.sif\nStage: one\n%Files\n  x.def /made\n\n# The second.\nBootstrap: localimage\nFrom: base.sif\n%files from one\n  /made /made\n';
		const values =
			'Bootstrap : localimage\nFROM:{{ IMAGE }}\n%arguments\n  IMAGE=none.sif\n  WORDS=a\n%labels\n  Words {{ WORDS }} {{WORDS}}\n%runscript\n  echo {{.Names}} {{ no value }}\n';
		await sandbox.output(
			`cat > s.def <<'END'\n${stages}END\ncat > w.def <<'END'\n${values}END
			apptainer -q build s.sif s.def && apptainer -q build --build-arg IMAGE=base.sif --build-arg 'WORDS=[1.*] b' w.sif w.def`,
		);
		assert.equal(await says({ sif: 's.sif', built_from: 's.def' }), '');
		assert.equal(await says({ sif: 'w.sif', built_from: 'w.def', label: { Words: '^\\[1' } }), '');
		await sandbox.output("sed -i 's/# The second/# A second/' s.def");
		assert.match(await says({ sif: 's.sif', built_from: 's.def' }), /not built from s\.def as it is now/);
	});

	it('a test that does not notice is refused: of an image, of an application, of the last lesson', async () => {
		await sandbox.output(
			'mkdir t && cd t && cp ../base.sif . && printf \'#!/bin/sh\\necho "$*"\\n\' > cowsay && chmod 755 cowsay && cp cowsay heat',
		);
		const head = 'Bootstrap: localimage\nFrom: base.sif\n';
		const files = (name: string) => `${head}%files\n  ${name} /usr/local/bin/${name}\n`;
		const apps = (first: string) =>
			['clean', 'mean'].map((name) => `%appfiles ${name}\n  cowsay bin/${name}\n%apptest ${name}\n  ${first}\n  ${name} moo\n  true\n`);
		const said = async (check: string, def: string, recipe: string) => {
			const script = readFileSync(resolve(import.meta.dirname, `../../courses/tp-apptainer/${check}.sh`), 'utf8');
			const build = `cd t && cat > ${def}.def <<'END'\n${recipe}END\napptainer -q build --force --ignore-fakeroot-command ${def}.sif ${def}.def; echo well > tested.txt`;
			await sandbox.output(build);
			const run = `cd t\n${script.replace('. /opt/etabli/check.sh', '. ~/lib/check.sh </dev/null')}`;
			return (await sandbox.run(run, { env: { ETABLI_LANG: 'en', CELLS: '40' } })).stdout;
		};
		const even = /goes well even when/;
		const label = '%labels\n  Version 1.0\n';
		for (const [check, def, recipe] of [
			['03-build/checks/test', 'lolcow', (first: string) => `${files('cowsay')}%test\n  ${first}\n  cowsay moo\n  true\n`],
			['15-apps-and-pipelines/checks/tests', 'stations', (first: string) => head + apps(first).join('')],
			['19-pilot/checks/image', 'heat', (first: string) => `${files('heat')}${label}%test\n  ${first}\n  heat 10\n  true\n`],
		] as const) {
			assert.match(await said(check, def, recipe('true')), even, check);
			const noticed = await said(check, def, recipe('set -e'));
			assert.doesNotMatch(noticed, even, check);
			assert.match(noticed, /^$|^`heat.sif` does not/, check);
		}
	});

	it('what Apptainer adds, and what is commented out, is no part of an image', async () => {
		const recipe =
			'bootstrap: localimage\nfrom: base.sif\n%RunScript\n  # echo hidden\n  echo shown\n%Test\n  #echo hidden\n  true\n%environment\n  export SHOWN=1\n  # export HIDDEN=1\n';
		await sandbox.output(`cat > c.def <<'END'\n${recipe}END\napptainer -q build c.sif c.def`);
		const so = { runscript: 'echo shown', test: 'true', environment: ['SHOWN=1'], built_from: 'c.def' };
		assert.equal(await says({ sif: 'c.sif', ...so }), '');
		for (const [sif, part, regex] of [
			['base.sif', 'environment', 'LICENSE'],
			['base.sif', 'runscript', 'echo|sh'],
			['base.sif', 'test', '.'],
			['c.sif', 'environment', 'Custom environment'],
			['c.sif', 'environment', 'HIDDEN'],
			['c.sif', 'runscript', 'hidden'],
			['c.sif', 'test', 'hidden'],
		] as const) {
			assert.match(await says({ sif, [part]: regex }), /does not contain/, `${part} of ${sif}: ${regex}`);
		}
	});

	it('descriptors: each with its size and type', async () => {
		const rows = (await helper('sif_descriptors x.sif')).split('\n').map((row) => row.split('\t'));
		assert.deepEqual(
			rows.map(([id, , type]) => `${id} ${type?.split(' ')[0]}`),
			['1 Def.FILE', '2 JSON.Generic', '3 FS'],
		);
		for (const [, bytes] of rows) assert.ok(Number(bytes) > 0);
	});

	it('signatures: verified with the keys that are here, and by whose', async () => {
		await sandbox.output(
			"apptainer key newpair --name Ada --email ada@example.org --comment c --password '' --push=false && apptainer sign x.sif",
		);
		const key = await helper('sif_signers x.sif');
		assert.match(key, /^[0-9A-F]{40}$/);
		const stranger = '0'.repeat(40);
		assert.equal(await says({ sif: 'x.sif', signed: true }), '');
		assert.equal(await says({ sif: 'x.sif', signed: key.toLowerCase() }), '');
		assert.equal(await says({ sif: 'x.sif', signed: stranger }), `x.sif is signed by ${key}, not by ${stranger}.`);
		// One byte of the file system is changed after the signature.
		await sandbox.output(
			"cp x.sif forged.sif; start=$(apptainer sif list forged.sif | awk -F '[|-]' '/FS/ { print $4 + 200 }'); printf X | dd of=forged.sif bs=1 seek=\"$start\" conv=notrunc 2>/dev/null",
		);
		assert.match(await says({ sif: 'forged.sif', signed: true }), /carries a signature, but it cannot be verified/);
		await sandbox.output('mv ~/.apptainer/keys ~/keys');
		assert.match(await says({ sif: 'x.sif', signed: true }), /a key unknown here/);
	});

	it('a full overlay ends with 0 and has lost data, which a second container shows, as the lesson says', async () => {
		// 100 MiB from a shell, which does not look at how close() ends; GNU's programs do.
		const much =
			'b=x; for n in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do b=$b$b; done; i=0; while [ $i -lt 100 ]; do printf %s "$b"; i=$((i + 1)); done';
		const inside = (command: string) => `apptainer -q exec --overlay full.img x.sif ${command}`;
		await sandbox.output('apptainer overlay create --size 64 full.img');
		const write = inside(`sh -c 'mkdir -p /opt; { ${much}; } > /opt/big; echo "code $?"'`);
		assert.match(await sandbox.output(write, { timeLimitMs: patience(120_000) }), /^code 0$/m);
		const same = `written=$({ ${much}; } | md5sum); [ "$(${inside('cat /opt/big')} | md5sum)" = "$written" ] && echo same || echo another`;
		assert.equal((await sandbox.output(same, { timeLimitMs: patience(120_000) })).trim(), 'another');
		await sandbox.output('rm full.img');
	});

	it('instances: whether one runs, and from which image', async () => {
		await sandbox.output('apptainer -q instance start copy.sif cow 2>&1');
		assert.equal(await says({ instance: 'cow', from: 'copy.sif' }), '');
		assert.equal(
			await says({ instance: 'cow', from: 'x.sif' }),
			'The instance cow comes from copy.sif, not from x.sif: stop it, and start it from x.sif.',
		);
		assert.equal(await says({ instance: 'cow', missing: true }), 'The instance cow still runs: stop it.');
		// What the lessons say of instances and of codes.
		const code = async (command: string) => (await sandbox.run(`${command} >/dev/null 2>&1; echo $?`)).stdout.trim();
		assert.notEqual(await code('apptainer inspect instance://cow'), '0', 'inspect knows files alone');
		assert.equal(await code("apptainer exec --bind x.def:/bound instance://cow sh -c '[ ! -e /bound ]'"), '0', 'a bind comes too late');
		assert.equal(await code('V=1 apptainer exec instance://cow sh -c \'[ "$V" = 1 ]\''), '0', 'the shell’s variables go along');
		assert.equal(await code('apptainer exec copy.sif nosuchprogram'), '255', 'Apptainer’s own code for what is not there');
		assert.equal(await code("apptainer exec copy.sif sh -c 'exit 3'"), '3');
		assert.notEqual(await code('apptainer instance stop nosuch'), '0');
		await sandbox.output('apptainer instance stop cow 2>&1');
		assert.equal(await says({ instance: 'cow' }), 'No instance of the name cow runs: start it.');
	});
});
