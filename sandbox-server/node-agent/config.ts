/** What the command line says. */
import { parseArgs } from 'node:util';
import { nodeAgentPort, serverName } from '../runtimes/kubernetes/names.ts';

export interface Config {
	/** By which the cluster knows this node. */
	node: string;
	/** Port of servers; 0: any. */
	port: number;
	/** Files of the door's certificate. */
	certificates: { cert: string; key: string; ca: string };
	/** Names of servers' certificates. */
	clients: string[];
	/** Where sandboxes may be; empty: anywhere. */
	namespaces: string[];
	/** The kubelet's folder. */
	kubelet: string;
	/** Folder of this program's own on the node; what is in it is gone when the node restarts. */
	state: string;
	/** What sandboxes find at /opt/etabli. */
	guest: string;
	/** /dev/fuse of the node, as this program sees it. */
	fuse: string;
	version: string;
}

export const usage = `node-agent: brings servers of Établi and the sandboxes of one Kubernetes node together
  --node NAME           by which the cluster knows this node (needed)
  --cert FILE --key FILE --ca FILE   certificate of this node agent, and the authority of servers (needed, PEM)
  --client-name NAME    name in a server's certificate, may be repeated (${serverName})
  --namespace NAME      only pods of it get volumes, may be repeated (needed; "*": all)
  --port N              where servers reach it (${nodeAgentPort})
  --kubelet FOLDER      the kubelet's folder (/var/lib/kubelet)
  --state FOLDER        of its own, on the node (/run/etabli-node/state)
  --guest FOLDER        what sandboxes find at /opt/etabli (/etabli/guest)
  --fuse FILE           the node's /dev/fuse (/dev/fuse)
`;

/** The command line is not right; the message says what is. */
export class UsageError extends Error {
	override readonly name = 'UsageError';
}

/** @throws UsageError */
export function readConfig(args: string[], version: string): Config {
	const values = parse(args);
	const needed = (name: 'node' | 'cert' | 'key' | 'ca'): string => {
		const value = values[name];
		if (!value) throw new UsageError(`--${name} is missing`);
		return value;
	};
	const port = Number(values.port);
	if (!Number.isInteger(port) || port < 0 || port > 65535) throw new UsageError(`--port ${values.port} is no port: 0 to 65535`);
	const { namespace } = values;
	if (namespace.length === 0) throw new UsageError('--namespace is missing: where the sandboxes are, or "*"');
	for (const folder of ['kubelet', 'state', 'guest'] as const) {
		if (!/^\/.*[^/]$/.test(values[folder]))
			throw new UsageError(`--${folder} ${values[folder]} has to be an absolute path with no slash at its end`);
	}
	return {
		node: needed('node'),
		port,
		certificates: { cert: needed('cert'), key: needed('key'), ca: needed('ca') },
		clients: values['client-name'].length > 0 ? values['client-name'] : [serverName],
		namespaces: namespace.includes('*') ? [] : namespace,
		kubelet: values.kubelet,
		state: values.state,
		guest: values.guest,
		fuse: values.fuse,
		version,
	};
}

function parse(args: string[]) {
	const several = { type: 'string', multiple: true, default: [] as string[] } as const;
	try {
		const { values } = parseArgs({
			args,
			options: {
				node: { type: 'string' },
				cert: { type: 'string' },
				key: { type: 'string' },
				ca: { type: 'string' },
				'client-name': several,
				namespace: several,
				port: { type: 'string', default: String(nodeAgentPort) },
				kubelet: { type: 'string', default: '/var/lib/kubelet' },
				state: { type: 'string', default: '/run/etabli-node/state' },
				guest: { type: 'string', default: '/etabli/guest' },
				fuse: { type: 'string', default: '/dev/fuse' },
			},
		});
		return values;
	} catch (error) {
		throw new UsageError(error instanceof Error ? error.message : String(error));
	}
}
