/**
 * The tests' Kubernetes cluster, to look at by hand (as root):
 *
 *   node tests/kubernetes/by-hand.ts up [--nodes 2] [--net 10.189] [--folder DIR] [IMAGE...]   until Ctrl-C
 *   node tests/kubernetes/by-hand.ts load [--folder DIR] IMAGE...                              from the machine's Docker
 *   node tests/kubernetes/by-hand.ts build                                                     only builds
 */
import { once } from 'node:events';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { buildCluster } from '../../sandbox-server/tools/testing/kubernetes-cluster.ts';
import { clusterIn, startCluster, sweepCluster } from './support/cluster.ts';

const { values, positionals } = parseArgs({
	allowPositionals: true,
	options: {
		nodes: { type: 'string', default: '1' },
		net: { type: 'string', default: '10.189' },
		folder: { type: 'string', default: '/var/tmp/etabli-kubernetes' },
	},
});
const [word, ...images] = positionals;
const say = (line: string): void => console.error(line);
const began = performance.now();
const program = await buildCluster({ onLine: say });
if (word === 'up') {
	const { folder } = values;
	await sweepCluster(program, folder);
	const cluster = await startCluster({ program, folder, nodes: Number(values.nodes), net: values.net, onLine: say });
	if (images.length > 0) await cluster.load(...images);
	say(`Ready after ${((performance.now() - began) / 1000).toFixed(1)} s.\n`);
	console.log(`export KUBECONFIG=${cluster.kubeconfig} PATH=${dirname(program)}:$PATH   # kubectl get nodes`);
	console.log(`${program} enter --data ${folder} node-1 bash        # inside a node; logs: ${folder}/*/*.log`);
	await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
	await cluster[Symbol.asyncDispose]();
} else if (word === 'load') await clusterIn(program, values.folder).load(...images);
else if (word !== 'build') say('up, load or build: see the first lines of this file.');
