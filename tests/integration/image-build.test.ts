/** What the Dockerfile of a course reaches while it is built, and what readings and builds leave, in the engine that builds them. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { removeLeftovers } from '../../sandbox-server/cli/leftovers.ts';
import { clientOf } from '../../sandbox-server/images/docker/client.ts';
import { readInstance } from '../../sandbox-server/labs/instance.ts';
import { connectEngine } from '../../sandbox-server/runtimes/find-engine.ts';
import { Failure } from '../../sandbox-server/setup/failure.ts';
import { buildImage } from '../../sandbox-server/setup/image-build.ts';
import { Progress } from '../../sandbox-server/setup/progress.ts';

const engine = process.env['ETABLI_TEST_ENGINE'];
const base = process.env['ETABLI_TEST_BASE'];

test('the Dockerfile of a course from elsewhere does not reach the services of this machine; one that is trusted does', {
	skip: !engine || !base ? 'no engine: ETABLI_TEST_ENGINE and ETABLI_TEST_BASE are not set' : false,
}, async (t) => {
	const place = mkdtempSync(join(tmpdir(), 'etabli-build-'));
	let reached = 0;
	const service = createServer((socket) => {
		reached++;
		socket.end();
	}).listen(0, '127.0.0.1');
	await once(service, 'listening');
	const { images } = await connectEngine({ url: engine ?? '', stateDir: place });
	const reference = `etabli-test-build:${process.pid}`;
	const progress = new Progress(process.stdout, { verbose: true });
	t.after(async () => {
		service.close();
		progress.close();
		await images.untag(reference);
		rmSync(place, { recursive: true });
	});
	if (images.onlyHostNetwork) return t.skip('Podman builds with this machine’s own network; `up` refuses courses from elsewhere there');
	const { port } = service.address() as { port: number };
	// Not from the cache: what is asked is what happens now.
	const dockerfile = `ARG BASE\nFROM \${BASE}\nRUN echo ${Date.now()} && bash -c ': < /dev/tcp/127.0.0.1/${port}'\n`;
	const build = (network: 'host' | 'engine', step: Parameters<typeof buildImage>[0]['step']) =>
		buildImage({ images, from: { dockerfile }, reference, args: { BASE: base ?? '' }, network, step });
	await progress.step('from elsewhere', async (step) => {
		await assert.rejects(build('engine', step), (error) => {
			assert.ok(error instanceof Failure);
			// An engine without a network of its own does not even begin.
			assert.match(`${error.message}\n${error.hint}`, /(?:Connection refused|failed to create endpoint)[\s\S]*--trust DIR/);
			return true;
		});
	});
	assert.equal(reached, 0);
	await progress.step('trusted', (step) => build('host', step));
	assert.equal(reached, 1);
});

test('what a command has in the engine for a moment is marked as its data folder’s: another one’s `down` leaves it alone', {
	skip: !engine || !base ? 'no engine: ETABLI_TEST_ENGINE and ETABLI_TEST_BASE are not set' : false,
}, async (t) => {
	const [mine = '', theirs = ''] = ['a', 'b'].map(() => {
		const data = mkdtempSync(join(tmpdir(), 'etabli-build-'));
		t.after(() => rmSync(data, { recursive: true }));
		readInstance(data);
		return data;
	});
	const { images, builder } = await connectEngine({ url: engine ?? '', stateDir: mine, instance: readInstance(mine) });
	const { containers } = builder;
	const there = () => containers.list({ 'etabli.instance': readInstance(mine), 'etabli.role': 'build' });
	const progress = new Progress(process.stdout, { verbose: true });
	const request = { url: engine, progress, lose: false, keep: false };
	// What versions before have left on this machine is nobody's, and would be counted below.
	await removeLeftovers({ ...request, data: theirs });
	const archive = await images.exportRoot(base ?? '');
	t.after(() => archive.destroy());
	assert.equal((await there()).length, 1);
	assert.equal(await removeLeftovers({ ...request, data: theirs }), 0);
	assert.equal((await there()).length, 1);
	assert.equal(await removeLeftovers({ ...request, data: mine }), 1);
	assert.equal((await there()).length, 0);
});

test('what a server that was killed while it read an image has left goes when the next one reads; another one’s stays', {
	skip: !engine || !base ? 'no engine: ETABLI_TEST_ENGINE and ETABLI_TEST_BASE are not set' : false,
}, async (t) => {
	const data = mkdtempSync(join(tmpdir(), 'etabli-read-'));
	t.after(() => rmSync(data, { recursive: true }));
	const { builder } = await connectEngine({ url: engine ?? '', stateDir: data, instance: readInstance(data) });
	const { containers, url } = builder;
	const docker = clientOf(url);
	const left = async (instance: string) => {
		const labels = { 'etabli.role': 'build', 'etabli.instance': instance, 'etabli.reading': '1' };
		const container = await docker.createContainer({ Image: base ?? '', Cmd: ['none'], NetworkDisabled: true, Labels: labels });
		t.after(() => container.remove({ force: true }).catch(() => undefined));
		return labels;
	};
	const [mine, theirs] = [await left(readInstance(data)), await left(`other-${process.pid}`)];
	const [hosts] = await containers.read(base ?? '', ['/etc/debian_version']);
	assert.match(hosts ?? '', /\d/);
	assert.deepEqual([(await containers.list(mine)).length, (await containers.list(theirs)).length], [0, 1]);
});
