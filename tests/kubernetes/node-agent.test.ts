/** The node agent on a real node: a kubelet finds it, a sandbox's pod gets its folders, and its agent a server. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Agent } from '../../sandbox-server/agent/agent.ts';
import { AgentListener } from '../../sandbox-server/agent/connection.ts';
import { connectEngine } from '../../sandbox-server/runtimes/find-engine.ts';
import { join as carry } from '../../sandbox-server/runtimes/kubernetes/bridge.ts';
import { fuseResource, nodeAgentPort, volumeDriver } from '../../sandbox-server/runtimes/kubernetes/names.ts';
import { sandboxPod } from '../../sandbox-server/runtimes/kubernetes/pod.ts';
import { kubernetesSettingsSchema, podSettings } from '../../sandbox-server/runtimes/kubernetes/settings.ts';
import { MountedFolder } from '../../sandbox-server/runtimes/mounted-folder.ts';
import { ensureNodeAgentImage } from '../../sandbox-server/setup/node-agent-image.ts';
import { Progress } from '../../sandbox-server/setup/progress.ts';
import { limitsSchema } from '../../src/shared/course/course.ts';
import { eventually } from '../fixtures/eventually.ts';
import { read, type Signed } from '../fixtures/node-agent/certificates.ts';
import { FarServer } from '../fixtures/node-agent/far-server.ts';
import { type Cluster, clusterForTests, startCluster } from './support/cluster.ts';
import { deployNodeAgent } from './support/node-agent.ts';

const { ETABLI_TEST_ENGINE: engine, ETABLI_TEST_BASE: base, ETABLI_TEST_GUEST: guest, ETABLI_TEST_IMAGE: machine } = process.env;
const found = clusterForTests();
const skip =
	'missing' in found ? found.missing : !engine || !base || !guest || !machine ? 'no engine: ETABLI_TEST_ENGINE is not set' : false;
const limits = limitsSchema.parse({
	memory: '256 MiB',
	processes: 100,
	home: { size: '8 MiB', files: 200 },
	tmp: { size: '8 MiB', files: 200 },
});

let folder = '';
let cluster: Cluster;
let certificate: Signed;
let server: FarServer;
const listeners: AgentListener[] = [];

interface Nodes {
	items: { status: { allocatable: Record<string, string> } }[];
}

before(async () => {
	if (skip || 'missing' in found) return;
	folder = mkdtempSync(join(tmpdir(), 'etabli-node-agent-'));
	const { images } = await connectEngine({ url: engine ?? '', stateDir: folder });
	const progress = new Progress(process.stdout, { verbose: false });
	const image = await ensureNodeAgentImage({ store: images, base: base ?? '', guest: guest ?? '', temporary: folder, progress });
	progress.close();
	cluster = await startCluster({ program: found.program });
	await cluster.load(image, machine ?? '');
	certificate = await deployNodeAgent(cluster, { image, folder });
	server = await come();
});
after(async () => {
	await server?.leave();
	for (const listener of listeners) await listener.close();
	await cluster?.[Symbol.asyncDispose]();
	if (folder) rmSync(folder, { recursive: true, force: true });
});

async function come(): Promise<FarServer> {
	const host = await cluster.kubectl('-n', 'etabli-system', 'get', 'pods', '--output', 'jsonpath={.items[0].status.podIP}');
	return await FarServer.come({ host: host.trim(), port: nodeAgentPort }, read(certificate));
}

async function startPod(name: string): Promise<void> {
	const settings = podSettings(kubernetesSettingsSchema.parse({ nodeAgents: { ca: 'x', certificate: 'x', key: 'x' } }), 'here');
	const spec = { name, image: machine ?? '', ociRuntime: undefined, limits, labels: {} };
	await cluster.apply(sandboxPod(spec, settings, 'start'));
}

/** A server for one sandbox: its agent connects through the node agent, as to a socket of this machine. */
async function meet(from: FarServer, name: string): Promise<Agent> {
	const place = new MountedFolder(folder, `${name}-${Date.now()}`);
	const { promise, resolve, reject } = Promise.withResolvers<Agent>();
	listeners.push(await AgentListener.listen(place, resolve, reject));
	const parked = from.park(name, 'agent');
	assert.equal(await parked.status, 200);
	carry(parked.stream, join(place.path, 'agent.sock'));
	return await promise;
}

async function run(agent: Agent, script: string): Promise<string> {
	const request = { name: 'look', script: `#!/bin/bash\n${script}\n`, cwd: '/home/learner', env: { PATH: '/usr/bin:/bin' } };
	const { stdout, stderr, code } = await agent.run({ ...request, timeLimitMs: 60_000, outputLimit: 100_000 });
	assert.equal(code, 0, `${script}: ${stdout}${stderr}`);
	return stdout.trim();
}

describe('a sandbox on a real node', { skip }, () => {
	it('finds its folders, its limits, /dev/fuse, and its server', async () => {
		await eventually(async () => {
			const nodes = JSON.parse(await cluster.kubectl('get', 'nodes', '--output', 'json')) as Nodes;
			// A quantity: 1000, in fewer letters.
			return nodes.items[0]?.status.allocatable[fuseResource] === '1k';
		}, 'the kubelet to know of etabli/fuse');
		await server.ask('PUT', '/lab1/files/notice.fr', 'bonjour');
		await startPod('lab1');
		const agent = await meet(server, 'lab1');
		assert.equal(await run(agent, 'cat /run/etabli/notice.fr'), 'bonjour');
		assert.equal(await run(agent, 'id -u; id -g; hostname'), '1000\n1000\netabli');
		assert.equal(await run(agent, 'stat -c "%u %g %a" /home/learner /tmp /dev/shm'), '1000 1000 700\n0 0 1777\n0 0 1777');
		assert.match(await run(agent, 'head -c 9M /dev/zero > large; echo $?; rm large'), /^1$/);
		assert.match(await run(agent, 'for i in $(seq 300); do : > f$i || break; done 2>&1; rm -f f*'), /No space left on device/);
		assert.match(await run(agent, 'touch /run/etabli/x /opt/etabli/x /x 2>&1 || true'), /^(.*Read-only file system\n?){3}$/);
		assert.equal(await run(agent, 'ulimit -Sn; ulimit -Hn; ulimit -c; ulimit -u'), '1024\n4096\n0\n100');
		assert.equal(await run(agent, 'exec 3<>/dev/fuse && echo open'), 'open');
		assert.match(await run(agent, 'cat /proc/self/status'), /CapEff:\s0+\n[\s\S]*NoNewPrivs:\s1\nSeccomp:\s2\n/);
		assert.equal(await run(agent, 'unshare --user --net true 2>/dev/null || echo refused'), 'refused', 'our own list of system calls');
		agent.shutdown();
	});

	it('outlives the node agent, which comes back to it', async () => {
		await startPod('lab2');
		const first = await meet(server, 'lab2');
		await run(first, 'echo still > /home/learner/there');
		await cluster.kubectl('-n', 'etabli-system', 'delete', 'pods', '--all', '--force', '--grace-period=0');
		await cluster.kubectl('-n', 'etabli-system', 'rollout', 'status', 'daemonset/etabli-node-agent', '--timeout=180s');
		server = await eventually(async () => await come().catch(() => undefined), 'the node agent');
		const again = await meet(server, 'lab2');
		assert.equal(again.boot, first.boot);
		assert.equal(await run(again, 'cat /home/learner/there'), 'still');
	});

	it('is released from file systems of its own that do not answer', {
		skip: machine?.includes('course') ? false : 'the image has no squashfuse',
	}, async () => {
		await startPod('lab3');
		const agent = await meet(server, 'lab3');
		const reading = run(
			agent,
			`mkdir a m && echo here > a/f && mksquashfs a a.sqfs -quiet -no-progress >/dev/null
			unshare --user --map-root-user --mount sh -c 'squashfuse a.sqfs m && touch mounted && while cat m/f >/dev/null; do sleep 0.1; done' 2>&1`,
		);
		await run(agent, 'until [ -e /home/learner/mounted ]; do sleep 0.1; done');
		assert.deepEqual(JSON.parse((await server.ask('POST', '/lab3/release')).text), { cut: 1 });
		assert.match(await reading, /Transport endpoint is not connected|Software caused connection abort/);
		assert.deepEqual(JSON.parse((await server.ask('POST', '/lab3/release')).text), { cut: 0 });
	});

	it('is gone with its mounts', async () => {
		await cluster.kubectl('-n', 'etabli', 'delete', 'pods', '--all', '--wait');
		await eventually(
			async () => JSON.parse((await server.ask('GET', '')).text).sandboxes.length === 0,
			'the kubelet to take the volumes back',
		);
		await eventually(
			async () => !/ \/var\/lib\/kubelet\/pods\/\S*kubernetes\.io~csi/.test(await cluster.enter('node-1', 'cat', '/proc/self/mountinfo')),
			'the mounts to go',
		);
		assert.match(
			await cluster.kubectl('get', 'csinodes', '--output', 'jsonpath={.items[0].spec.drivers[*].name}'),
			new RegExp(volumeDriver),
		);
	});
});
