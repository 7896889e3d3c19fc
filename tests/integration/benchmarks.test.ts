/** The bench itself, with as little as can be measured: every figure is taken, each beside its reference. What the figures are is no test. */
import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import { connectEngine } from '../../sandbox-server/runtimes/find-engine.ts';
import { hindranceOf, ociFacts } from '../../sandbox-server/runtimes/oci/choice.ts';
import type { Images } from '../../sandbox-server/setup/images.ts';
import { readCourses } from '../../sandbox-server/setup/prepare.ts';
import { which } from '../../sandbox-server/setup/run.ts';
import { type Measure, quickScale } from '../../sandbox-server/tools/benchmarks/kit.ts';
import type { Row } from '../../sandbox-server/tools/benchmarks/rows.ts';
import { measures, runMeasures } from '../../sandbox-server/tools/benchmarks/run.ts';
import { limitsSchema } from '../../src/shared/course/course.ts';
import { taughtCourses, WholeServer } from '../fixtures/server.ts';

const {
	ETABLI_TEST_ENGINE: url = '',
	ETABLI_TEST_IMAGE: image = '',
	ETABLI_TEST_GUEST: guest = '',
	ETABLI_TEST_SITE: site = '',
} = process.env;

const least = {
	...quickScale,
	starts: { warm: 1, cold: 1 },
	classes: { sizes: [2], pool: 1 },
	keys: 5,
	bulk: { bytes: 500_000, runs: 1 },
	page: { lines: 2000, rounds: 1 },
	interrupts: 1,
	verdicts: 1,
	terminals: [2],
	flood: 1,
	engines: { cold: 1, class: 2, pool: 1 },
	cluster: { warm: 1, cold: 1, jobs: 1, verdicts: 1, learners: 1, seconds: 0.2 },
};

const withCluster = readCourses(taughtCourses).find(({ settings }) => settings.cluster);
const clustered = withCluster?.settings.cluster && {
	image: (JSON.parse(process.env['ETABLI_TEST_IMAGES'] ?? '{}') as Partial<Images>).courses?.[withCluster.slug] ?? '',
	limits: withCluster.settings.limits,
	cluster: withCluster.settings.cluster,
};

async function take(chosen: readonly Measure[], signal: AbortSignal): Promise<{ rows: Row[]; containers: string[] }> {
	const engine = await connectEngine({ url, stateDir: guest });
	const results = await runMeasures({
		engine,
		image,
		guest,
		limits: limitsSchema.parse({}),
		clustered,
		kubernetes: undefined,
		site: async () => site,
		scale: least,
		signal,
		detail: () => undefined,
		chosen,
		around: (_measure, work) => work(),
	});
	const left = (await engine.containers.list({ 'etabli.role': 'sandbox' })).map(({ name }) => name);
	return { rows: results.flatMap(({ rows }) => rows), containers: left.filter((name) => name.startsWith(`etabli-raw-${process.pid}-`)) };
}

/** Keys, Ctrl-C and bulk output are held against `docker exec` in the same sandbox. */
const isDocker = url !== '' && (await connectEngine({ url, stateDir: tmpdir() })).kind === 'docker';

/** Debian 12 has no such package. */
const hasTtyd = which('ttyd') !== undefined;
/** Who is not root has Docker alone. */
const mayOwn = hindranceOf(ociFacts(true)) === undefined;
/** A cluster is measured by hand, where there is one. */
const possible = measures.filter(({ name }) => name !== 'kubernetes' && (hasTtyd || name !== 'page') && (mayOwn || name !== 'engines'));

test('every measure gives figures, each with its reference, and leaves nothing behind', {
	skip: !isDocker && 'the references are made with Docker’s interface, in Docker’s sandboxes',
}, async (t) => {
	const { rows, containers } = await take(possible, t.signal);
	for (const row of rows) {
		assert.ok(!('failed' in row), `${row.what}: ${'failed' in row && row.failed}`);
		assert.ok(Number.isFinite(row.value) && row.unit !== '', row.what);
		assert.ok(Number.isFinite(row.reference.value) && row.reference.what !== '', row.what);
	}
	assert.ok(rows.length >= 2 * possible.length, `${rows.length} figures`);
	assert.deepEqual(containers, []);
});

test('a measure whose sandboxes cannot be had is shown as failed, and the others go on', async (t) => {
	const broken: Measure = {
		name: 'broken',
		title: 'Broken',
		run: (kit) =>
			kit
				.docker()
				.then((server) => server.client('etabli=forged').then((client) => client.start(1)))
				.then(() => []),
	};
	const sound = measures.find(({ name }) => name === 'verdict') as Measure;
	const { rows } = await take([broken, sound], t.signal);
	assert.match('failed' in (rows[0] as Row) ? (rows[0] as { failed: string }).failed : '', /a sandbox/);
	assert.ok(rows.length > 1 && rows.slice(1).every((row) => !('failed' in row)));
});

test('where there is no ttyd, a lesson’s page cannot be held against it: that is said', { skip: hasTtyd && 'ttyd is here' }, async (t) => {
	const { rows } = await take(
		measures.filter(({ name }) => name === 'page'),
		t.signal,
	);
	const [row] = rows;
	assert.match(row && 'failed' in row ? row.failed : '', /package ttyd/);
});

test('a class is rehearsed with the lessons that are taught', async (t) => {
	const { runClass } = await import('../../sandbox-server/tools/rehearsal/class/run-class.ts');
	const { judge } = await import('../../sandbox-server/tools/rehearsal/class/judgement.ts');
	const server = await WholeServer.start({ courses: taughtCourses });
	t.after(() => server.stop());
	const [course] = readCourses(taughtCourses);
	assert.ok(course);
	const request = { address: server.address, course, learners: 4, minutes: 0.5, here: true, onPerson: () => undefined, signal: t.signal };
	const report = await runClass(request);
	const said = JSON.stringify(report.people.map(({ manner, failures }) => ({ manner, failures })));
	assert.ok(
		report.people.every(({ failures, start }) => failures.length === 0 && start !== undefined),
		said,
	);
	const attacker = report.people.find(({ manner }) => manner === 'attacks');
	assert.ok(attacker && attacker.attacks.sent > 0 && attacker.attacks.refused === attacker.attacks.sent, said);
	assert.ok(report.people.some(({ verdicts }) => verdicts.length > 0));
	assert.match(judge(report).sentence, /This machine (holds|does not hold) a class of 4/);
	// Nobody left without a word: there is at most what is kept ready for the next.
	assert.ok((await server.sandboxes()).length <= course.settings.pool);
});
