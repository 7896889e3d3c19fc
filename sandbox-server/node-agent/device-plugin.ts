/** /dev/fuse for containers, as a resource with many shares: it is one device that any number may use. */
import { statSync } from 'node:fs';
import { type Clock, every } from '../platform/clock.ts';
import { serveGrpc, services, unary } from './grpc.ts';
import type { Log } from './log.ts';

/** Containers of one node that may have it; more than a node takes pods. */
const shares = 1000;
/** Between looks at the device, ms. */
const lookMs = 30_000;

export interface DevicePluginOptions {
	/** Path of the socket. */
	socket: string;
	/** The device as this program sees it. */
	device: string;
	clock: Clock;
	log: Log;
}

interface Watcher {
	write(answer: object): unknown;
	end(): void;
	on(event: 'cancelled', listener: () => void): unknown;
}

/** undefined: it is as it should be; else why not. */
export function whatAilsFuse(device: string): string | undefined {
	const found = statSync(device, { throwIfNoEntry: false });
	if (!found?.isCharacterDevice()) return 'the node has no /dev/fuse: load the kernel module fuse';
	if ((found.mode & 0o006) !== 0o006) return '/dev/fuse of the node is not for everybody: chmod 666 /dev/fuse, or a rule of udev';
	return undefined;
}

/** @returns a function that ends it @throws Error of the system */
export async function serveDevicePlugin({ socket, device, clock, log }: DevicePluginOptions): Promise<() => void> {
	const [plugin] = services('deviceplugin', 'v1beta1.DevicePlugin');
	if (!plugin) throw new Error('deviceplugin.proto lacks its service');
	const watchers = new Set<Watcher>();
	let ailment = whatAilsFuse(device);
	const tell = (watcher: Watcher): void => {
		const health = ailment === undefined ? 'Healthy' : 'Unhealthy';
		watcher.write({ devices: Array.from({ length: shares }, (_, index) => ({ ID: `fuse-${index}`, health })) });
	};
	const look = (): void => {
		const now = whatAilsFuse(device);
		if (now === ailment) return;
		ailment = now;
		report();
		for (const watcher of watchers) tell(watcher);
	};
	const report = (): void => {
		if (ailment !== undefined) log('warn', 'sandboxes cannot have /dev/fuse', { reason: ailment });
	};
	report();
	const end = await serveGrpc(socket, [
		{
			service: plugin,
			handlers: {
				GetDevicePluginOptions: unary(() => ({})),
				ListAndWatch: (watcher: Watcher) => {
					watchers.add(watcher);
					watcher.on('cancelled', () => watchers.delete(watcher));
					tell(watcher);
				},
				GetPreferredAllocation: unary(() => ({})),
				Allocate: unary((request: { container_requests: unknown[] }) => ({
					container_responses: request.container_requests.map(() => ({
						devices: [{ container_path: '/dev/fuse', host_path: '/dev/fuse', permissions: 'rw' }],
					})),
				})),
				PreStartContainer: unary(() => ({})),
			},
		},
	]);
	const stopLooking = every({ clock, ms: lookMs, action: look });
	return () => {
		stopLooking();
		end();
	};
}
