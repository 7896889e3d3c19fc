import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clusterLine, clusterSchema } from './cluster.ts';

test('the short form is a cluster of two nodes', () => {
	assert.equal(clusterLine(clusterSchema.parse('slurm')), 'slurm nodes=2 cpus=2 memory=256 partitions=main:60:2');
});

test('every word of a cluster reaches the sandbox', () => {
	const partitions = [
		{ name: 'short', minutes: 10 },
		{ name: 'long', minutes: 120, nodes: 1 },
	];
	const cluster = clusterSchema.parse({ type: 'slurm', nodes: 3, cpus: 4, memory: '1 GiB', partitions });
	assert.equal(clusterLine(cluster), 'slurm nodes=3 cpus=4 memory=1024 partitions=short:10:3,long:120:1');
});

for (const [what, cluster, expected] of [
	['another kind', 'pbs', /slurm/],
	['too little memory', { type: 'slurm', memory: '8 MiB' }, /64 MiB at least/],
	['two partitions of one name', { type: 'slurm', partitions: [{ name: 'a' }, { name: 'a' }] }, /two partitions called a/],
	['a partition larger than the cluster', { type: 'slurm', nodes: 1, partitions: [{ name: 'a', nodes: 2 }] }, /the cluster has 1 node"/],
	['a word that does not exist', { type: 'slurm', node: 2 }, /"node/],
] as const) {
	test(`${what} is refused`, () => {
		const read = clusterSchema.safeParse(cluster);
		assert.match(JSON.stringify(read.error?.issues), expected);
	});
}
