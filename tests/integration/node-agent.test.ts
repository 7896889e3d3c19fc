/** The node agent's program without a cluster: a kubelet that is played over real gRPC, real mounts, the real agent of sandboxes. Needs root. */
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { isMounted } from '../../sandbox-server/node-agent/mounts.ts';
import { connectUnix } from '../../sandbox-server/platform/unix-socket.ts';
import { seccompFileName, seccompProfile } from '../../sandbox-server/runtimes/seccomp.ts';
import { patience } from '../../sandbox-server/tools/testing/slowness.ts';
import type { Pod } from '../fixtures/node-agent/kubelet.ts';
import { Stand } from '../fixtures/node-agent/stand.ts';
import { agentProgram } from './agent-harness.ts';

const skip = process.getuid?.() === 0 ? false : 'needs root, for mounts';
const pod: Pod = { name: 'lab1', namespace: 'etabli', uid: '0c6d2bd6-1' };
const transport = { volume: 'transport', kind: 'transport', instance: 'here', sandbox: 'lab1' };
const memory = { volume: 'home', kind: 'memory', size: '1048576', files: '50', mode: '0700', owner: '1000', exec: 'true' };

async function stand(t: TestContext): Promise<Stand> {
	const made = await Stand.make();
	t.after(() => made.remove(['transport', 'home', 'guest', 'tmp'].map((volume) => made.kubelet.target(pod.uid, volume))));
	await made.start();
	return made;
}

/** Options of the mount at `path`. */
function optionsOf(path: string): string[] {
	const line = readFileSync('/proc/self/mountinfo', 'utf8')
		.split('\n')
		.find((one) => one.split(' ')[4] === path);
	return line?.split(' ')[5]?.split(',') ?? [];
}

describe('the node agent', { skip, timeout: patience(180_000) }, () => {
	it('is met by the kubelet as a driver and as a device', async (t) => {
		const { kubelet, endpoint } = await stand(t);
		assert.deepEqual(await kubelet.meet('node-agent.etabli-reg.sock'), {
			type: 'CSIPlugin',
			name: 'node-agent.etabli',
			endpoint,
			versions: ['1.0.0'],
		});
		assert.deepEqual(await kubelet.csi(endpoint, 'NodeGetInfo', {}), { node_id: 'node1' });
		assert.deepEqual(await kubelet.csi(endpoint, 'NodeGetCapabilities', {}), {});
		assert.deepEqual(await kubelet.csi(endpoint, 'GetPluginInfo', {}, 'Identity'), { name: 'node-agent.etabli', vendor_version: '0' });
		assert.deepEqual(await kubelet.csi(endpoint, 'Probe', {}, 'Identity'), { ready: { value: true } });

		const device = await kubelet.meet('etabli-fuse-reg.sock');
		assert.deepEqual([device.type, device.name, device.versions], ['DevicePlugin', 'etabli/fuse', ['v1beta1']]);
		const devices = await new Promise<{ ID: string; health: string }[]>((resolve) => {
			t.after(kubelet.devices(device.endpoint, resolve));
		});
		const health = (statSync('/dev/fuse', { throwIfNoEntry: false })?.mode ?? 0) & 0o006 ? 'Healthy' : 'Unhealthy';
		assert.deepEqual([devices.length, devices[0], new Set(devices.map(({ ID }) => ID)).size], [1000, { ID: 'fuse-0', health }, 1000]);
		assert.deepEqual(await kubelet.device(device.endpoint, 'Allocate', { container_requests: [{ devices_ids: ['fuse-7'] }] }), {
			container_responses: [{ devices: [{ container_path: '/dev/fuse', host_path: '/dev/fuse', permissions: 'rw' }] }],
		});
		assert.deepEqual(
			JSON.parse(readFileSync(join(kubelet.folder, 'seccomp', seccompFileName()), 'utf8')),
			JSON.parse(JSON.stringify(seccompProfile(process.arch))),
		);
	});

	it('says when there is no /dev/fuse to be had, and what to do', async (t) => {
		const made = await Stand.make();
		t.after(() => made.remove());
		await made.start('--fuse', join(made.folder, 'nothing'));
		const { endpoint } = await made.kubelet.meet('etabli-fuse-reg.sock');
		const devices = await new Promise<{ health: string }[]>((resolve) => {
			t.after(made.kubelet.devices(endpoint, resolve));
		});
		assert.equal(devices[0]?.health, 'Unhealthy');
	});

	it('makes folders in memory, bounded in bytes and in files', async (t) => {
		const { kubelet, endpoint } = await stand(t);
		const at = await kubelet.publish(endpoint, pod, memory);
		const { uid, gid, mode } = statSync(at);
		assert.deepEqual([uid, gid, mode & 0o7777], [1000, 1000, 0o700]);
		assert.throws(() => writeFileSync(join(at, 'large'), Buffer.alloc(2 << 20)), /ENOSPC/);
		rmSync(join(at, 'large'));
		assert.throws(() => {
			for (let i = 0; i < 60; i++) writeFileSync(join(at, `f${i}`), '');
		}, /ENOSPC/);
		const tmp = await kubelet.publish(endpoint, pod, { ...memory, volume: 'tmp', mode: '1777', owner: '0', exec: 'false' });
		assert.equal(statSync(tmp).mode & 0o7777, 0o1777);
		for (const option of ['nosuid', 'nodev', 'noexec']) assert.ok(optionsOf(tmp).includes(option), option);
		assert.ok(!optionsOf(at).includes('noexec'));
		// As the kubelet asks when it has not heard the answer: what is there stays.
		assert.equal(await kubelet.publish(endpoint, pod, memory), at);
		assert.ok(existsSync(join(at, 'f0')));
		for (const volume of ['home', 'tmp', 'home']) await kubelet.unpublish(endpoint, pod, volume);
		assert.deepEqual([existsSync(at), existsSync(tmp)], [false, false]);
	});

	it('gives sandboxes their programs, which they cannot change', async (t) => {
		const made = await stand(t);
		const at = await made.kubelet.publish(made.endpoint, pod, { volume: 'guest', kind: 'guest' });
		assert.equal(execFileSync(join(at, 'agent'), { encoding: 'utf8' }), 'the agent\n');
		assert.throws(() => writeFileSync(join(at, 'agent'), 'mine'), /EROFS/);
		// Another version: those that run keep theirs.
		await made.end();
		writeFileSync(join(made.folder, 'guest/bashrc'), '# other settings\n');
		await made.start();
		assert.equal(readFileSync(join(at, 'bashrc'), 'utf8'), '# settings\n');
		await made.kubelet.unpublish(made.endpoint, pod, 'guest');
		const again = await made.kubelet.publish(made.endpoint, pod, { volume: 'guest', kind: 'guest' });
		assert.equal(readFileSync(join(again, 'bashrc'), 'utf8'), '# other settings\n');
		await made.end();
		await made.start();
		assert.equal(readdirSync(join(made.state, 'guest')).length, 1, 'what nobody has is taken away');
	});

	it('brings a server and a sandbox together, over its own end by force', async (t) => {
		const made = await stand(t);
		const at = await made.kubelet.publish(made.endpoint, pod, transport);
		assert.throws(() => writeFileSync(join(at, 'mine'), ''), /EROFS/);
		for (const option of ['ro', 'nosuid', 'nodev', 'noexec']) assert.ok(optionsOf(at).includes(option), option);
		const server = await made.come();
		const sandboxes = { sandboxes: [{ name: 'lab1', namespace: 'etabli', pod: 'lab1', uid: pod.uid }] };
		assert.deepEqual(JSON.parse((await server.ask('GET', '')).text), sandboxes);
		await server.ask('PUT', '/lab1/files/notice.fr', 'bonjour');
		assert.equal(readFileSync(join(at, 'notice.fr'), 'utf8'), 'bonjour');

		// From its folder: the whole path may be longer than a socket's name may be (107 bytes).
		const agent = spawn(await agentProgram(), ['--socket', './agent.sock'], { cwd: at, stdio: 'inherit' });
		t.after(() => agent.kill('SIGKILL'));
		const first = server.park('lab1', 'agent');
		assert.equal(await first.status, 200);
		const [hello] = (await once(first.stream, 'data')) as [Buffer];
		assert.ok(hello.length > 0);

		const cut = once(first.stream, 'close');
		await made.end('SIGKILL');
		await cut;
		await made.start();
		const again = await made.come();
		assert.deepEqual(JSON.parse((await again.ask('GET', '')).text), sandboxes);
		const second = again.park('lab1', 'agent');
		assert.equal(await second.status, 200, 'the agent comes back by itself');
		const [boot] = (await once(second.stream, 'data')) as [Buffer];
		assert.ok(boot.equals(hello), 'it is the same');

		// Nobody will ask for it any more: it finds that out, and ends.
		const end = once(agent, 'exit');
		assert.equal((await again.ask('DELETE', '/lab1')).status, 204);
		await end;
		await made.kubelet.unpublish(made.endpoint, pod, 'transport');
		assert.equal(existsSync(at), false);
		assert.deepEqual(readdirSync(join(made.state, 'transports')), []);
	});

	it('that was killed in the middle of anything is put right by what the kubelet asks next', async (t) => {
		const made = await stand(t);
		const { kubelet, endpoint } = made;
		const at = await kubelet.publish(endpoint, pod, transport);
		const home = await kubelet.publish(endpoint, pod, memory);
		await made.end('SIGKILL');
		// As if it had been killed between the two steps of a mount, and twice.
		execFileSync('mount', ['-o', 'remount,bind,rw', at]);
		execFileSync('mount', ['-t', 'tmpfs', 'twice', home]);
		await made.start();
		assert.equal(await kubelet.publish(endpoint, pod, transport), at);
		assert.throws(() => writeFileSync(join(at, 'mine'), ''), /EROFS/);
		await made.end('SIGKILL');
		await made.start();
		for (const volume of ['transport', 'home']) await kubelet.unpublish(endpoint, pod, volume);
		assert.deepEqual([existsSync(at), existsSync(home)], [false, false]);
		assert.equal(readFileSync('/proc/self/mountinfo', 'utf8').includes(kubelet.folder), false);
		const server = await made.come();
		assert.deepEqual(JSON.parse((await server.ask('GET', '')).text), { sandboxes: [] });
		await server.leave();
	});

	it('refuses what it is not for, in words', async (t) => {
		const { kubelet, endpoint } = await stand(t);
		const refused = (asked: Promise<unknown>, sentence: RegExp) => assert.rejects(asked, { message: sentence });
		await refused(kubelet.publish(endpoint, { ...pod, namespace: 'other' }, transport), /pods of the namespace other get no volumes here/);
		await refused(kubelet.publish(endpoint, pod, { ...memory, size: '1Gi' }), /size is "1Gi"; it has to be a number/);
		await refused(kubelet.publish(endpoint, pod, { ...transport, sandbox: 'lab2' }), /they have to be the same/);
		const asked = { volume_context: {}, volume_id: 'csi-1' };
		await refused(kubelet.csi(endpoint, 'NodePublishVolume', { ...asked, target_path: '/etc' }), /\/etc is not below the kubelet's folder/);
		const outside = join(kubelet.folder, 'pods/../../etc');
		await refused(kubelet.csi(endpoint, 'NodePublishVolume', { ...asked, target_path: `${kubelet.folder}/../x` }), /is not below/);
		await refused(kubelet.csi(endpoint, 'NodeUnpublishVolume', { volume_id: '../..', target_path: outside }), /is no name of a volume/);
		assert.equal(isMounted(kubelet.folder), false);
	});

	it('does not give a sandbox to a pod of another namespace that has its name', async (t) => {
		const made = await Stand.make();
		const other = { ...pod, namespace: 'other', uid: '0c6d2bd6-2' };
		t.after(() => made.remove([pod, other].map(({ uid }) => made.kubelet.target(uid, 'transport'))));
		await made.start('--namespace', 'other');
		const at = await made.kubelet.publish(made.endpoint, pod, transport);
		await assert.rejects(made.kubelet.publish(made.endpoint, other, transport), {
			message: /lab1 of the installation here is a pod of the namespace etabli already/,
		});
		assert.ok(isMounted(at) && existsSync(join(made.state, 'transports', made.kubelet.id(pod.uid, 'transport'))));
	});

	it('that ends leaves sandboxes alone, whose connections end', async (t) => {
		const made = await stand(t);
		const at = await made.kubelet.publish(made.endpoint, pod, transport);
		const server = await made.come();
		const parked = server.park('lab1', 'agent');
		await parked.listening;
		const program = connectUnix(join(at, 'agent.sock'));
		program.on('error', () => {});
		assert.equal(await parked.status, 200);
		const closed = once(program, 'close');
		program.resume();
		await made.end('SIGTERM');
		await closed;
		assert.deepEqual(readdirSync(at), []);
		assert.equal(made.child?.exitCode, 0);
	});
});
