/**
 * A busy class while server, registry, agents and engine are killed, again and again and at random: everything comes back by itself, and
 * nothing is lost. ETABLI_TEST_SEED repeats a run, ETABLI_TEST_KILLS makes it longer.
 */
import assert from 'node:assert/strict';
import { appendFileSync, globSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { connectEngine } from '../../sandbox-server/runtimes/find-engine.ts';
import { ociUrl } from '../../sandbox-server/runtimes/oci/choice.ts';
import type { Images } from '../../sandbox-server/setup/images.ts';
import { root } from '../../sandbox-server/setup/paths.ts';
import { patience } from '../../sandbox-server/tools/testing/slowness.ts';
import { ownStarts } from '../fixtures/cuttable-runtime.ts';
import { eventually } from '../fixtures/eventually.ts';
import { WholeServer } from '../fixtures/server.ts';
import { discrepancies, recordsOf, rowsOf } from './support/accounts.ts';
import { BusyClass } from './support/busy-class.ts';
import { DockerGround, OciGround } from './support/ground.ts';
import { OwnEngine, whyNoEngine } from './support/own-engine.ts';

const kills = Number(process.env['ETABLI_TEST_KILLS'] ?? 30);
const seed = Number(process.env['ETABLI_TEST_SEED'] ?? Date.now() % 1_000_000);
const students = 7;

/** The engine of this test with what the class needs in it. */
async function prepared(liveRestore: boolean): Promise<{ engine: OwnEngine; images: Images }> {
	const images = JSON.parse(process.env['ETABLI_TEST_IMAGES'] ?? '') as Images;
	const tiny = process.env['ETABLI_TEST_SEED_IMAGE'] ?? '';
	const shared = await connectEngine({
		url: process.env['ETABLI_TEST_ENGINE'] ?? '',
		stateDir: process.env['ETABLI_TEST_DATA'] ?? '',
	});
	const engine = await OwnEngine.start({ liveRestore });
	try {
		await engine.bring(shared, [images.base, images.registry ?? '', tiny]);
	} catch (error) {
		await engine.stop();
		throw error;
	}
	// A bare Debian is machine enough.
	return {
		engine,
		images: {
			base: images.base,
			registry: images.registry,
			courses: { class: images.base },
			seeds: [{ course: 'class', name: 'tiny:1.0', image: tiny }],
		},
	};
}

const courses = join(root, 'tests/fixtures/fault-courses');

test(`${kills} kills in a busy class (${ownStarts ? 'sandboxes without an engine, ' : ''}seed ${seed}): everything comes back, and nothing is lost or doubled`, {
	skip: whyNoEngine() ?? false,
	timeout: patience(kills * 12_000 + 240_000),
}, async (t) => {
	const bridges = bridgesOf();
	const { engine, images } = await prepared(true);
	// Beside the data of all tests, so that it is there after a failure too.
	const journal = join(process.env['ETABLI_TEST_DATA'] ?? '', 'logs', 'kills.log');
	writeFileSync(journal, `seed ${seed}\n`);
	let busy: BusyClass | undefined;
	const where = ownStarts ? { engine: ociUrl, builder: engine.url } : { engine: engine.url };
	const server = new WholeServer({ ...where, courses, images, keep: true });
	const ground = ownStarts ? new OciGround(server, engine) : new DockerGround(engine);
	t.after(async () => {
		busy?.close();
		writeFileSync(journal.replace('kills', 'kills-server'), server.log());
		writeFileSync(journal.replace('kills', 'kills-engine'), engine.said());
		await server.stop();
		await engine.stop();
	});
	await server.serve();
	busy = new BusyClass({
		server,
		ground,
		seed,
		students,
		weights: { server: 32, registry: 14, agent: 30, engine: 24 },
		say: (line) => appendFileSync(journal, `${new Date().toISOString()} ${line}\n`),
	});
	busy.begin();
	while (busy.total < kills) await busy.kill();
	await busy.dismiss();

	// Within a minute, the time of a reconciliation, everything fits together.
	let wrong: string[] = [];
	const agree = async () => {
		wrong = await discrepancies(server, ground);
		return wrong.length === 0;
	};
	await eventually(agree, 'engine, sockets, files and store to agree').catch(() => undefined);
	assert.deepEqual(wrong, []);
	const claimed = rowsOf(server.data).sandboxes.flatMap(({ learner }) => learner ?? []);
	assert.deepEqual(claimed.sort(), busy.students.map(({ name }) => name).sort(), 'one sandbox for each learner');

	let commands = 0;
	for (const student of busy.students) {
		const records = recordsOf(server.data, student.name);
		for (const [mark, count] of records) assert.equal(count, 1, `${mark} is recorded ${count} times`);
		for (const mark of student.ran) assert.ok(records.has(mark) || student.unsure.has(mark), `${mark} ran and is not recorded`);
		commands += student.ran.size;
		await student.leave();
	}
	assert.deepEqual(faults(server), []);

	// A server that is stopped for good leaves nothing.
	await server.kill('SIGTERM');
	await server.serve({ keep: false });
	await server.kill('SIGTERM');
	assert.deepEqual(await discrepancies(server, ground), []);
	assert.deepEqual([await server.containers(), rowsOf(server.data).sandboxes], [[], []]);
	const { left, harmless } = ground.remains();
	assert.deepEqual(left, []);
	assert.deepEqual(bridgesOf(), bridges, 'the networks of the machine’s own engine');
	const { server: a, registry: b, agent: c, engine: d } = busy.kills;
	console.log(
		`${busy.total} kills: server ${a}, registry ${b}, agent ${c}, engine ${d}; ${commands} commands, each once; lost: none (seed ${seed}; well again after ${(busy.slowest / 1000).toFixed(1)} s at most; left by killed engines with nothing in them: ${harmless})`,
	);
});

/** The bridges that this machine's containers are connected by. */
function bridgesOf(): string[] {
	return globSync('/sys/class/net/*/bridge').sort();
}

/** Errors in the log, but those that say that what was killed is not there. */
function faults(server: WholeServer): string[] {
	const expected = (entry: { msg: string; err?: { type?: string } }) =>
		entry.err?.type !== 'Error' && /could not be started|could not be given/.test(entry.msg);
	return server
		.log()
		.split('\n')
		.filter(Boolean)
		.map((line) => ({ line, entry: JSON.parse(line) as { level: number; msg: string; err?: { type?: string } } }))
		.filter(({ entry }) => entry.level >= 50 && !expected(entry))
		.map(({ line }) => line);
}
