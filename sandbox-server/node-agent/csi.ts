/** The CSI driver: volumes that live as long as their pod. The kubelet asks, and asks again until it is done; so everything here may come twice. */
import { isAbsolute, normalize } from 'node:path';
import { SerialQueue } from '../platform/serial-queue.ts';
import { volumeDriver } from '../runtimes/kubernetes/names.ts';
import { Refused, serveGrpc, services, status, unary } from './grpc.ts';
import type { Log } from './log.ts';
import { bindReadOnly, mountMemory, unmount } from './mounts.ts';
import { NameTaken, type Published, type Sandboxes } from './sandboxes.ts';
import { volumeOf } from './volumes.ts';

interface PublishRequest {
	volume_id: string;
	target_path: string;
	volume_context: Record<string, string>;
}

interface UnpublishRequest {
	volume_id: string;
	target_path: string;
}

export interface CsiOptions {
	/** Path of the socket. */
	socket: string;
	/** The kubelet's folder: whatever is mounted is mounted below. */
	kubelet: string;
	/** By which the cluster knows this node. */
	node: string;
	version: string;
	/** Where sandboxes may be; empty: anywhere. */
	namespaces: readonly string[];
	/** What sandboxes find at /opt/etabli. */
	guest: string;
	sandboxes: Sandboxes;
	log: Log;
}

/** @returns a function that ends it; mounts stay @throws Error of the system */
export async function serveCsi(options: CsiOptions): Promise<() => void> {
	const [identity, node] = services('csi', 'csi.v1.Identity', 'csi.v1.Node');
	if (!identity || !node) throw new Error('csi.proto lacks its services');
	const queues = new Queues();
	return await serveGrpc(options.socket, [
		{
			service: identity,
			handlers: {
				GetPluginInfo: unary(() => ({ name: volumeDriver, vendor_version: options.version })),
				GetPluginCapabilities: unary(() => ({})),
				Probe: unary(() => ({ ready: { value: true } })),
			},
		},
		{
			service: node,
			handlers: {
				NodeGetInfo: unary(() => ({ node_id: options.node })),
				NodeGetCapabilities: unary(() => ({})),
				NodePublishVolume: unary((request: PublishRequest) => queues.run(request.volume_id, () => publish(request, options))),
				NodeUnpublishVolume: unary((request: UnpublishRequest) => queues.run(request.volume_id, () => unpublish(request, options))),
			},
		},
	]);
}

async function publish(request: PublishRequest, { kubelet, namespaces, guest, sandboxes, log }: CsiOptions): Promise<object> {
	const { volume_id: id, target_path: target, volume_context: context } = request;
	check(id, target, kubelet);
	const volume = volumeOf(context, namespaces);
	if (volume.kind === 'memory') await mountMemory(target, volume.folder);
	else if (volume.kind === 'guest') await bindReadOnly(guest, target, true);
	else {
		const folder = folderOf({ ...volume.pod, volume: id, target }, sandboxes);
		await bindReadOnly(folder, target, false);
		log('info', 'a sandbox has come', { ...volume.pod });
	}
	return {};
}

function folderOf(pod: Published, sandboxes: Sandboxes): string {
	try {
		return sandboxes.publish(pod);
	} catch (error) {
		if (error instanceof NameTaken) throw new Refused(status.ALREADY_EXISTS, error.message);
		throw error;
	}
}

async function unpublish(
	{ volume_id: id, target_path: target }: UnpublishRequest,
	{ kubelet, sandboxes, log }: CsiOptions,
): Promise<object> {
	check(id, target, kubelet);
	const pod = sandboxes.published.find(({ volume }) => volume === id);
	if (pod) log('info', 'a sandbox has gone', { instance: pod.instance, name: pod.name, namespace: pod.namespace, uid: pod.uid });
	// Its mount keeps the folder, whose links are gone: an agent that still runs in it finds that out and ends.
	sandboxes.unpublish(id);
	await unmount(target);
	return {};
}

function check(id: string, target: string, kubelet: string): void {
	if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/.test(id))
		throw new Refused(status.INVALID_ARGUMENT, `${JSON.stringify(id)} is no name of a volume`);
	if (!isAbsolute(target) || normalize(target) !== target || !target.startsWith(`${kubelet}/`)) {
		throw new Refused(status.INVALID_ARGUMENT, `${target} is not below the kubelet's folder ${kubelet}: --kubelet names it`);
	}
}

/** One thing at a time for one volume. */
class Queues {
	readonly #all = new Map<string, SerialQueue>();

	async run<T>(key: string, work: () => Promise<T>): Promise<T> {
		const queue = this.#all.get(key) ?? new SerialQueue();
		this.#all.set(key, queue);
		try {
			return await queue.run(work);
		} finally {
			if (!queue.busy) this.#all.delete(key);
		}
	}
}
