import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ContainerService } from '../runtimes/container-service.ts';
import type { ContainerSpec, Containers } from '../runtimes/containers.ts';
import type { SandboxRecord } from '../runtimes/runtime.ts';
import { registryContainer } from './service.ts';

/** Containers that are only written down. */
function notebook(): { containers: Containers; running: Map<string, ContainerSpec> } {
	const running = new Map<string, ContainerSpec>();
	const listed = (labels: Record<string, string>): SandboxRecord[] =>
		[...running.values()]
			.filter((spec) => Object.entries(labels).every(([name, value]) => spec.labels[name] === value))
			.map(({ name, labels }) => ({ name, labels, running: true }) as SandboxRecord);
	const containers = {
		list: async (labels: Record<string, string>) => listed(labels),
		start: async (spec: ContainerSpec) => void running.set(spec.name, spec),
		destroy: async (name: string) => void running.delete(name),
	};
	return { containers: containers as unknown as Containers, running };
}

const spec = registryContainer({ name: 'r', image: 'i', instance: 'x', data: '/d', sockets: '/s', owner: { uid: 65_534, gid: 65_534 } });

test('a service that runs is taken over only when it is of the image and the limits that are wanted', async () => {
	const { containers, running } = notebook();
	await new ContainerService(containers, spec).start();
	assert.deepEqual(
		[...running.values()].map(({ cpus, memory }) => [cpus, memory]),
		[[1, 512 * 2 ** 20]],
	);
	assert.equal(await new ContainerService(containers, structuredClone(spec)).runs(), true);
	assert.equal(await new ContainerService(containers, { ...spec, image: 'j' }).runs(), false);
	assert.equal(await new ContainerService(containers, { ...spec, cpus: undefined }).runs(), false, 'one of a version without the limit');
	await new ContainerService(containers, spec).stop();
	assert.equal(await new ContainerService(containers, spec).runs(), false);
});
