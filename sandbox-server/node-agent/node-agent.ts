/** All parts of a node agent, joined. */
import { readFileSync, watch } from 'node:fs';
import { dirname, join } from 'node:path';
import { systemClock } from '../platform/clock.ts';
import { Disposables } from '../platform/disposables.ts';
import { fuseResource, volumeDriver } from '../runtimes/kubernetes/names.ts';
import type { Config } from './config.ts';
import { serveCsi } from './csi.ts';
import { serveDevicePlugin } from './device-plugin.ts';
import { type Certificates, Front } from './front.ts';
import { placeGuest } from './guest-folder.ts';
import { type Log, wordsOf } from './log.ts';
import { mountState } from './mounts.ts';
import { register } from './registration.ts';
import { Routes } from './routes.ts';
import { Sandboxes } from './sandboxes.ts';
import { placeSeccompProfile } from './seccomp-file.ts';

/** Files of a certificate are renewed one after the other, ms. */
const renewalMs = 1000;

export interface NodeAgent {
	/** Where servers reach it. */
	port: number;
	/** Ends it; sandboxes and their mounts stay. */
	close(): Promise<void>;
}

/** Everything stands when it returns. @throws Error of what could not be made; nothing is left of the rest then */
export async function startNodeAgent(config: Config, log: Log): Promise<NodeAgent> {
	const all = new Disposables();
	try {
		const clock = systemClock;
		const { kubelet, state } = config;
		await mountState(state);
		const profile = placeSeccompProfile(kubelet, process.arch);
		const guest = placeGuest(config.guest, state);
		const sandboxes = new Sandboxes(state, clock, log);
		all.add(() => sandboxes.close());
		const front = new Front({
			certificates: readCertificates(config),
			clients: config.clients,
			routes: new Routes(sandboxes, log),
			clock,
			log,
		});
		all.add(() => front.close());
		const port = await front.listen(config.port);
		all.add(followCertificates(config, front, log));

		const plugins = join(kubelet, 'plugins', volumeDriver);
		const csi = { socket: join(plugins, 'csi.sock'), node: config.node, version: config.version, namespaces: config.namespaces };
		all.add(await serveCsi({ ...csi, kubelet, guest, sandboxes, log }));
		const fuse = join(plugins, 'fuse.sock');
		all.add(await serveDevicePlugin({ socket: fuse, device: config.fuse, clock, log }));
		// Last: the kubelet may ask from then on.
		all.add(await register(kubelet, { type: 'CSIPlugin', name: volumeDriver, endpoint: csi.socket, versions: ['1.0.0'] }, log));
		all.add(await register(kubelet, { type: 'DevicePlugin', name: fuseResource, endpoint: fuse, versions: ['v1beta1'] }, log));
		log('info', 'ready', { port, profile, guest, sandboxes: sandboxes.published.length });
		return { port, close: () => all.dispose() };
	} catch (error) {
		await all.dispose();
		throw error;
	}
}

function readCertificates({ certificates: { cert, key, ca } }: Config): Certificates {
	return { cert: readFileSync(cert), key: readFileSync(key), ca: readFileSync(ca) };
}

/** A secret of the cluster that is renewed becomes other files in the same folder. @returns a function that ends this */
function followCertificates(config: Config, front: Front, log: Log): () => void {
	let cancel = (): void => {};
	const renew = (): void => {
		try {
			front.renew(readCertificates(config));
			log('info', 'the certificate was read again');
		} catch (error) {
			log('warn', 'the new certificate is not usable: the former one stays', { error: wordsOf(error) });
		}
	};
	const folders = new Set(Object.values(config.certificates).map((file) => dirname(file)));
	const watchers = [...folders].map((folder) =>
		watch(folder, { persistent: false }, () => {
			cancel();
			cancel = systemClock.after(renewalMs, renew);
		}),
	);
	return () => {
		cancel();
		for (const watcher of watchers) watcher.close();
	};
}
