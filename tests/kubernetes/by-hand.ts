/**
 * The tests' Kubernetes cluster, to look at by hand (as root):
 *
 *   node tests/kubernetes/by-hand.ts up [--nodes 2] [--net 10.189] [--folder DIR] [IMAGE...]   until Ctrl-C
 *   node tests/kubernetes/by-hand.ts load [--folder DIR] IMAGE...                              from the machine's Docker
 *   node tests/kubernetes/by-hand.ts install [--folder DIR] [--guest DIR]                      Établi, with the images that ./etabli up has built
 *   node tests/kubernetes/by-hand.ts build                                                     only builds
 */
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { candidates, connectEngine } from '../../sandbox-server/runtimes/find-engine.ts';
import { ensureNodeAgentImage } from '../../sandbox-server/setup/node-agent-image.ts';
import { root } from '../../sandbox-server/setup/paths.ts';
import { Progress } from '../../sandbox-server/setup/progress.ts';
import { buildCluster } from '../../sandbox-server/tools/testing/kubernetes-cluster.ts';
import { clusterIn, startCluster, sweepCluster } from './support/cluster.ts';
import { install } from './support/installation.ts';

const { values, positionals } = parseArgs({
	allowPositionals: true,
	options: {
		nodes: { type: 'string', default: '1' },
		net: { type: 'string', default: '10.189' },
		folder: { type: 'string', default: '/var/tmp/etabli-kubernetes' },
		guest: { type: 'string', default: join(root, '.etabli/guest') },
	},
});
/** So that a small machine takes a class: what is there is shared. */
const requests = { memory: 0.05, cpu: 0.01 };

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
else if (word === 'install') {
	const { folder, guest } = values;
	const cluster = clusterIn(program, folder);
	const { file, image } = await installByHand(cluster, folder, guest);
	say(`Ready after ${((performance.now() - began) / 1000).toFixed(1)} s.\n`);
	console.log(
		`export KUBECONFIG=${cluster.kubeconfig} ETABLI_KUBERNETES=${file}   # ./etabli prove --engine kubernetes; ./etabli bench kubernetes`,
	);
	console.log(`export ETABLI_TEST_CLUSTER=${folder} ETABLI_TEST_IMAGE=${image}       # node --test tests/kubernetes/…`);
} else if (word !== 'build') say('up, load, install or build: see the first lines of this file.');

/** Images of all courses, by the names that the machine's Docker has them by; nothing is built but the node agent's. */
async function installByHand(
	cluster: ReturnType<typeof clusterIn>,
	folder: string,
	guest: string,
): Promise<{ file: string; image: string }> {
	const engine = await connectEngine({ url: candidates({ env: process.env })[0] ?? '', stateDir: folder });
	const names = await engine.builder.images.names();
	const base = names.find((name) => name.startsWith('etabli-base:'));
	const courses = [
		...new Map(
			names.toReversed().flatMap((name) => {
				const [, course] = /^etabli-course-([^:]+):/.exec(name) ?? [];
				return course === undefined ? [] : [[course, name] as const];
			}),
		),
	];
	const [first] = courses;
	if (!base || !first) throw new Error('Docker has no images of Établi yet: ./etabli up or ./etabli test kubernetes makes them');
	const progress = new Progress(process.stderr, { verbose: false });
	const nodeAgent = await ensureNodeAgentImage({ store: engine.builder.images, base, guest, temporary: folder, progress });
	progress.close();
	const { file } = await install({
		cluster,
		folder: join(folder, 'etabli'),
		nodeAgent,
		images: Object.fromEntries(courses),
		built: true,
		requests,
	});
	return { file, image: first[1] };
}
