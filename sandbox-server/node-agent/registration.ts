/** A socket in the kubelet's plugins_registry by which it finds a plugin; after its own restart, and after this program's, it asks again. */
import { join } from 'node:path';
import { serveGrpc, services, unary } from './grpc.ts';
import type { Log } from './log.ts';

export interface Plugin {
	type: 'CSIPlugin' | 'DevicePlugin';
	/** Driver or resource. */
	name: string;
	/** Its own socket. */
	endpoint: string;
	versions: string[];
}

/**
 * @param kubelet the kubelet's folder
 * @param onRegistered told once the kubelet knows it
 * @returns a function that takes it back @throws Error of the system
 */
export async function register(kubelet: string, plugin: Plugin, log: Log, onRegistered: () => void = () => {}): Promise<() => void> {
	const [registration] = services('registration', 'pluginregistration.Registration');
	if (!registration) throw new Error('registration.proto lacks its service');
	const { type, name, endpoint, versions } = plugin;
	return await serveGrpc(join(kubelet, 'plugins_registry', `${name.replaceAll('/', '-')}-reg.sock`), [
		{
			service: registration,
			handlers: {
				GetInfo: unary(() => ({ type, name, endpoint, supported_versions: versions })),
				NotifyRegistrationStatus: unary((status: { plugin_registered: boolean; error: string }) => {
					if (status.plugin_registered) {
						log('info', 'the kubelet knows this plugin', { name });
						onRegistered();
					} else log('warn', 'the kubelet refuses this plugin', { name, error: status.error });
					return {};
				}),
			},
		},
	]);
}
