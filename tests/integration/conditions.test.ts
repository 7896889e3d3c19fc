/** Conditions about images, instances and signatures, against the real Apptainer in a real sandbox. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { compileConditions } from '../../src/courses/compile-conditions.ts';
import { lessonSchema } from '../../src/shared/course.ts';
import { SandboxBench, sandboxEngine } from './sandbox-bench.ts';

const real = await sandboxEngine();
const library = readFileSync(resolve(import.meta.dirname, '../../sandbox-server/guest/check.sh'), 'utf8');

describe('conditions on real images', { skip: 'missing' in real ? real.missing : false }, () => {
	let bench: SandboxBench;
	before(async () => {
		if ('missing' in real) throw new Error(real.missing);
		bench = new SandboxBench(real);
		await bench.start();
		await bench.output(`mkdir -p lib root/bin && cat > lib/check.sh <<'END_OF_LIBRARY'\n${library}\nEND_OF_LIBRARY`);
		await bench.output(
			`cp /bin/sh /bin/sleep root/bin; ldd /bin/sh /bin/sleep | grep -o '/[^ :]*' | sort -u | while read -r file; do cp -L --parents "$file" root; done`,
		);
		await bench.output(
			`printf 'Bootstrap: localimage\\nFrom: base.sif\\n%%labels\\n  Author Ada\\n%%runscript\\n  echo moo\\n%%help\\n  A cow.\\n' > x.def
			apptainer -q build base.sif root && apptainer -q build x.sif x.def && cp x.sif copy.sif`,
		);
	});
	after(() => bench.stop());

	/** "": all is so. */
	const says = async (check: unknown): Promise<string> => {
		const [step] = lessonSchema.parse({ minutes: 1, steps: [{ id: 'x', check }] }).steps;
		if (!Array.isArray(step?.check)) throw new Error('no conditions');
		const script = compileConditions('x', step.check).replace('. /opt/etabli/check.sh', '. ~/lib/check.sh </dev/null');
		const { outcome, code, stdout, stderr } = await bench.run(script, { env: { ETABLI_LANG: 'en', LEARNER: 'learner-1' } });
		assert.equal(outcome, 'exited');
		assert.ok(code === 0 || code === 10, `${code}: ${stderr}`);
		return code === 0 ? '' : stdout.trim();
	};
	const helper = async (body: string): Promise<string> => (await bench.output(`. ~/lib/check.sh </dev/null\n${body}\npass`)).trim();

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
			arch: (await bench.output('dpkg --print-architecture')).trim(),
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
			[{ built_from: 'y.def' }, /^There is no recipe y\.def in the lesson's folder\.$/],
			[{ signed: true }, /^x\.sif is not signed yet\.$/],
		];
		for (const [more, expected] of rows) assert.match(await says({ sif: 'x.sif', ...more }), expected);
		await bench.output('printf "%%environment\\n  X=1\\n" >> x.def');
		assert.match(await says({ sif: 'x.sif', built_from: 'x.def' }), /not built from x\.def as it is now/);
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
		await bench.output(
			"apptainer key newpair --name Ada --email ada@example.org --comment c --password '' --push=false && apptainer sign x.sif",
		);
		const key = await helper('sif_signers x.sif');
		assert.match(key, /^[0-9A-F]{40}$/);
		const stranger = '0'.repeat(40);
		assert.equal(await says({ sif: 'x.sif', signed: true }), '');
		assert.equal(await says({ sif: 'x.sif', signed: key.toLowerCase() }), '');
		assert.equal(await says({ sif: 'x.sif', signed: stranger }), `x.sif is signed by ${key}, not by ${stranger}.`);
		// One byte of the file system is changed after the signature.
		await bench.output(
			"cp x.sif forged.sif; start=$(apptainer sif list forged.sif | awk -F '[|-]' '/FS/ { print $4 + 200 }'); printf X | dd of=forged.sif bs=1 seek=\"$start\" conv=notrunc 2>/dev/null",
		);
		assert.match(await says({ sif: 'forged.sif', signed: true }), /carries a signature, but it cannot be verified/);
		await bench.output('mv ~/.apptainer/keys ~/keys');
		assert.match(await says({ sif: 'x.sif', signed: true }), /a key unknown here/);
	});

	it('instances: whether one runs, and from which image', async () => {
		await bench.output('apptainer -q instance start copy.sif cow 2>&1');
		assert.equal(await says({ instance: 'cow', from: 'copy.sif' }), '');
		assert.equal(await says({ instance: 'cow', from: 'x.sif' }), 'The instance cow comes from copy.sif, not from x.sif.');
		assert.equal(await says({ instance: 'cow', missing: true }), 'The instance cow still runs.');
		await bench.output('apptainer instance stop cow 2>&1');
		assert.equal(await says({ instance: 'cow' }), 'No instance of the name cow runs.');
	});
});
