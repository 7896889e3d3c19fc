/** From what the probes said to what is possible, and what stops the rest: pure functions. */
import type { Cell } from '../../../../src/shared/comparison/comparison.ts';
import type { RowId, Stopper } from '../../../../src/shared/comparison/words.ts';
import { answer } from '../cells.ts';
import { absent } from '../trial.ts';

/** Lines "name=value". */
export type Said = ReadonlyMap<string, string>;

export function readSaid(text: string): Said {
	return new Map(
		text.split('\n').flatMap((line) => {
			const at = line.indexOf('=');
			return at > 0 ? [[line.slice(0, at), line.slice(at + 1).trim()] as const] : [];
		}),
	);
}

/** Errors by number, the same on all of Linux' architectures. */
const errors: Record<number, string> = {
	1: 'EPERM',
	2: 'ENOENT',
	3: 'ESRCH',
	13: 'EACCES',
	14: 'EFAULT',
	22: 'EINVAL',
	28: 'ENOSPC',
	30: 'EROFS',
	38: 'ENOSYS',
};
const [EPERM, ENOENT, EACCES, EROFS, ENOSYS] = [1, 2, 13, 30, 38];

/** Capabilities by which a process gets at more than its own, by number. */
const dangerous: Record<number, string> = {
	2: 'DAC_READ_SEARCH',
	12: 'NET_ADMIN',
	16: 'SYS_MODULE',
	17: 'SYS_RAWIO',
	19: 'SYS_PTRACE',
	21: 'SYS_ADMIN',
	22: 'SYS_BOOT',
	25: 'SYS_TIME',
	34: 'SYSLOG',
	38: 'PERFMON',
	39: 'BPF',
};
/** Which one the call of a probe asks for. */
const wanted: Partial<Record<RowId, number>> = { mount: 21, devices: 27, kernelLog: 34, bpf: 39, trace: 19 };

interface Facts {
	capabilities: bigint;
	filtered: boolean;
	noNewPrivileges: boolean;
	uid: number;
	/** Its root is another user outside. */
	mapped: boolean;
	/** The host's uid of its user 0; undefined: it has none. */
	rootOutside: number | undefined;
	gvisor: boolean;
}

function factsOf(said: Said): Facts {
	const [inside, outside, length] = (said.get('fact.uidMap') ?? '').trim().split(/\s+/).map(Number);
	return {
		capabilities: BigInt(`0x${/^[0-9a-f]+$/.exec(said.get('fact.CapEff') ?? '')?.[0] ?? '0'}`),
		filtered: said.get('fact.Seccomp') === '2',
		noNewPrivileges: said.get('fact.NoNewPrivs') === '1',
		uid: Number((said.get('fact.Uid') ?? '').split(/\s/)[0]),
		mapped: !(inside === 0 && outside === 0 && length === 4_294_967_295),
		rootOutside: inside === 0 ? outside : undefined,
		gvisor: /gvisor/i.test(said.get('fact.kernel') ?? '') || said.get('fact.sentry') === '1',
	};
}

/** What the process has been given, by itself, of what the host keeps apart. */
export interface HostFacts {
	/** Links of /proc/self/ns, such as "net:[4026531840]". */
	network: string;
	/** Names of the host's interfaces besides lo. */
	interfaces: readonly string[];
	/** The container has a kernel of its own. */
	ownKernel: boolean;
	/** Files of /proc that this kernel has, of those that are tried. */
	files: readonly string[];
}

/** Cells of every row of security. @param ready undefined: it could not be asked */
export function judgeProbes(said: Said, host: HostFacts): Partial<Record<RowId, Cell>> {
	const facts = { ...factsOf(said) };
	const own = host.ownKernel || facts.gvisor;
	const there: Partial<Record<RowId, boolean>> = {
		kernelMemory: host.files.includes('kcore'),
		timers: host.files.includes('timer_list') || host.files.includes('keys'),
	};
	const tried = (
		[
			'mount',
			'userNamespace',
			'hostProcesses',
			'trace',
			'keys',
			'corePattern',
			'kernelMemory',
			'timers',
			'devices',
			'kernelLog',
			'bpf',
		] as const
	).map((id) => [id, there[id] === false ? absent('notOfKernel') : judgeOne(id, said, facts, own)] as const);
	return { ...Object.fromEntries(tried), ...judgeStatus(said, facts, host, own) };
}

function judgeOne(id: RowId, said: Said, facts: Facts, own: boolean): Cell {
	const value = said.get(id);
	if (value === undefined || !/^\d+$/.test(value)) return absent('failed', {}, value === undefined ? undefined : 'it could not be tried');
	const error = Number(value);
	if (error === 0) return answer('open', 'probe', own ? { by: ['ownKernel'] } : {});
	const by = stoppedBy(id, error, said, facts, own);
	return answer('stopped', 'probe', { by, said: errors[error] ?? `errno ${error}` });
}

/** As far as can be told from outside the kernel. */
function stoppedBy(id: RowId, error: number, said: Said, facts: Facts, own: boolean): Stopper[] {
	const fromFilter: Stopper[] = facts.filtered ? ['seccomp'] : [];
	switch (id) {
		case 'hostProcesses':
		case 'trace':
			if (error === 3) return [own ? 'ownKernel' : 'pidNamespace'];
			break;
		case 'corePattern':
			if (error === EROFS) return ['readOnly'];
			if (error === EACCES || error === EPERM)
				return facts.uid === 0 && facts.mapped ? ['userNamespace'] : facts.uid === 0 ? ['readOnly'] : ['ordinaryUser'];
			return [error === ENOENT && own ? 'ownKernel' : 'masked'];
		case 'kernelMemory':
		case 'timers':
			if (error === ENOENT) return [own ? 'ownKernel' : 'masked'];
			if (facts.uid !== 0) return ['ordinaryUser'];
			return facts.mapped ? ['userNamespace'] : missing(facts, 17) ? ['capability'] : ['masked'];
	}
	if (error === ENOSYS) return own ? ['ownKernel'] : facts.filtered ? ['seccomp'] : ['kernel'];
	if (error !== EPERM && error !== EACCES) return ['kernel'];
	const capability = wanted[id];
	const by: Stopper[] = capability !== undefined && missing(facts, capability) ? ['capability'] : [];
	if (id === 'mount' && Number(said.get('mount.blind')) === EPERM) return [...by, ...fromFilter];
	if (by.length > 0) return by;
	if (facts.mapped && !own) return ['userNamespace'];
	if (id === 'devices') return ['deviceGroup'];
	return fromFilter.length > 0 ? fromFilter : own ? ['ownKernel'] : ['kernel'];
}

function missing({ capabilities }: Facts, number: number): boolean {
	return ((capabilities >> BigInt(number)) & 1n) === 0n;
}

function judgeStatus(said: Said, facts: Facts, { network, interfaces }: HostFacts, own: boolean): Partial<Record<RowId, Cell>> {
	if (!said.has('fact.CapEff')) {
		const none = absent('unreadable');
		return { capabilities: none, rootOutside: none, newPrivileges: none, allCalls: none, network: none };
	}
	const names = Object.entries(dangerous).flatMap(([number, name]) => (missing(facts, Number(number)) ? [] : [name]));
	const { mapped, rootOutside, uid } = facts;
	const isRoot = uid === 0 && rootOutside === 0 && !own;
	const rootStopped: Stopper = own ? 'ownKernel' : uid === 0 ? 'userNamespace' : 'ordinaryUser';
	const net = said.get('fact.net') ?? '';
	const others = (said.get('fact.interfaces') ?? '').split(' ').filter((name) => name !== '' && name !== 'lo');
	const shares = net !== '' && !own ? net === network : others.some((name) => interfaces.includes(name));
	return {
		capabilities:
			names.length === 0
				? answer('stopped', 'status', { by: ['capability'] })
				: own || mapped
					? answer('stopped', 'status', { by: [own ? 'ownKernel' : 'userNamespace'], said: names.join(' ') })
					: answer('open', 'status', { said: names.join(' ') }),
		rootOutside: isRoot ? answer('open', 'status') : answer('stopped', 'status', { by: [rootStopped] }),
		newPrivileges: facts.noNewPrivileges ? answer('stopped', 'status', { by: ['noNewPrivileges'] }) : answer('open', 'status'),
		allCalls: own
			? answer('stopped', 'status', { by: ['ownKernel'] })
			: facts.filtered
				? answer('stopped', 'status', { by: ['seccomp'] })
				: answer('open', 'status'),
		network: shares ? answer('open', 'status') : answer('stopped', 'status', { by: ['networkNamespace'] }),
	};
}
