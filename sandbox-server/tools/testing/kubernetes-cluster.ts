/**
 * The programs of the tests' Kubernetes cluster, built from the modules that tests/kubernetes/cluster/go.mod names, once for each machine and
 * state of the sources. The product needs none of them.
 */
import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../../setup/failure.ts';
import { missingPackages } from '../../setup/packages.ts';
import { root } from '../../setup/paths.ts';
import { type RunOptions, runOk, which } from '../../setup/run.ts';

const sources = join(root, 'tests/kubernetes/cluster');
/** In the environment: "1" builds the cluster where it is not there yet. */
export const clusterVariable = 'ETABLI_TEST_KUBERNETES';
/** Of the machine: other checkouts use the same programs. */
const cache = '/var/cache/etabli-tests';

/** The name of the program itself; components are called by their own. */
const program = 'etabli-cluster';
const components = ['kubectl', 'ctr'];

/** Programs of other modules that a node calls. */
const helpers = [
	'github.com/containerd/containerd/v2/cmd/containerd-shim-runc-v2',
	'github.com/containernetworking/plugins/plugins/main/bridge',
	'github.com/containernetworking/plugins/plugins/ipam/host-local',
	'github.com/containernetworking/plugins/plugins/meta/portmap',
	'./pause',
];

/** Of Kubernetes, as go.mod says, such as v1.37.2. */
export const kubernetesVersion = /k8s\.io\/kubernetes (v[\d.]+)/.exec(readFileSync(join(sources, 'go.mod'), 'utf8'))?.[1] ?? '';

/** Where the programs for this state of the sources are, or would be. */
function programFolder(): string {
	const hash = createHash('sha256');
	for (const name of readdirSync(sources, { recursive: true, encoding: 'utf8' }).sort())
		if (/\.(go|mod|sum)$/.test(name)) hash.update(name).update(readFileSync(join(sources, name)));
	hash.update(readFileSync(import.meta.filename));
	return join(cache, `kubernetes-${kubernetesVersion.slice(1)}-${hash.digest('hex').slice(0, 8)}`);
}

/** @returns the program's path where it has been built; undefined: it has not */
export function builtCluster(): string | undefined {
	const path = join(programFolder(), program);
	return existsSync(path) ? path : undefined;
}

/** @returns why the programs cannot be built here, with what to do; undefined: they can */
export function whyNotBuilt(): string | undefined {
	if (process.getuid?.() !== 0) return 'building a cluster needs root';
	if (!which('go')) return 'building a cluster needs Go 1.26 or newer (https://go.dev/dl), with which it is fetched and built';
	if (!which('gcc')) return 'building a cluster needs a C compiler: apt install gcc libc6-dev libseccomp-dev';
	return undefined;
}

/**
 * Builds what is not there yet: minutes the first time, and 3 GB below ~/.cache/go-build and ~/go while it is at it.
 * @returns the program's path @throws Failure
 */
export async function buildCluster(options: Pick<RunOptions, 'onLine' | 'signal'> = {}): Promise<string> {
	const built = builtCluster();
	if (built) return built;
	const reason = whyNotBuilt();
	if (reason) throw new Failure(`The cluster of the tests is not there: ${reason}.`);
	if (which('dpkg-query') && (await missingPackages(['libseccomp-dev'])).length > 0)
		throw new Failure('The cluster of the tests needs the headers of libseccomp.', { hint: 'Type: apt install libseccomp-dev' });
	const folder = programFolder();
	const draft = `${folder}.${randomUUID().slice(0, 8)}`;
	mkdirSync(draft, { recursive: true });
	try {
		for (const args of builds(draft)) await goBuild(args, options);
		for (const name of components) symlinkSync(program, join(draft, name));
		renameSync(draft, folder);
	} catch (error) {
		rmSync(draft, { recursive: true, force: true });
		// Another run was faster.
		if (!existsSync(folder)) throw error;
	}
	return join(folder, program);
}

/** Arguments of `go build`, one run for each way to build. */
function builds(to: string): string[][] {
	const [, minor] = kubernetesVersion.split('.');
	const version = 'k8s.io/component-base/version';
	// A component that does not know its version refuses others'.
	const stamps = { gitVersion: kubernetesVersion, gitMajor: '1', gitMinor: minor, gitTreeState: 'clean' };
	const ldflags = ['-s', '-w', ...Object.entries(stamps).map(([name, value]) => `-X ${version}.${name}=${value}`)].join(' ');
	return [
		['-ldflags', ldflags, '-tags', 'no_btrfs,no_devmapper,no_zfs', '-o', join(to, program), '.'],
		['-ldflags', '-s -w', '-o', `${to}/`, ...helpers],
		['-ldflags', '-s -w', '-tags', 'seccomp,urfave_cli_no_docs', '-o', `${to}/`, 'github.com/opencontainers/runc'],
	];
}

async function goBuild(args: readonly string[], { onLine, signal }: Pick<RunOptions, 'onLine' | 'signal'>): Promise<void> {
	// Only runc has parts in C; the rest runs in any container.
	const cgo = args.includes('github.com/opencontainers/runc') ? '1' : '0';
	await runOk('nice', ['-n', '10', 'go', 'build', '-trimpath', '-buildvcs=false', '-p', '2', ...args], {
		cwd: sources,
		env: { ...process.env, CGO_ENABLED: cgo, GOFLAGS: '-mod=readonly', GOTOOLCHAIN: 'local' },
		onLine,
		signal,
	});
}
