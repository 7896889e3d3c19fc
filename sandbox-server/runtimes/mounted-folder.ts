/** Transport by a folder of this machine, which the runtime mounts read-only at /run/etabli: a unix socket for each door, and files. */
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { chmod, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import type { Server } from 'node:net';
import { join } from 'node:path';
import { listenUnix } from '../platform/unix-socket.ts';
import type { Door, Transport } from './transport.ts';

const socketOf = (door: Door): string => `${door}.sock`;

/**
 * Where agents of sandboxes that were made by a server before this layout connect to. They live as long as their learner works, so an
 * upgraded server has to answer there too.
 */
const formerAgentSocket = 'holder.sock';

export class MountedFolder implements Transport {
	readonly name: string;
	readonly path: string;

	/** @param root private to this server's user: inside the sandboxes only the folder itself counts */
	constructor(root: string, name: string) {
		this.name = name;
		this.path = join(root, name);
	}

	/** @returns false when it is there already */
	make(): boolean {
		// At once: a thread of its own for it would have to be given a processor first, on a busy machine.
		const isNew = mkdirSync(this.path, { recursive: true }) !== undefined;
		// The learner is another user than the server, whatever its umask.
		if (isNew) chmodSync(this.path, 0o755);
		return isNew;
	}

	async serve(door: Door, server: Server): Promise<() => Promise<void>> {
		const isNew = this.make();
		if (door === 'agent' && !isNew) await this.#answerFormerAgents();
		return await listenUnix(server, join(this.path, socketOf(door)));
	}

	/** A name beside the socket to come, which leads to it from inside the sandbox as well. */
	async #answerFormerAgents(): Promise<void> {
		const former = join(this.path, formerAgentSocket);
		await rm(former, { force: true });
		await symlink(socketOf('agent'), former);
	}

	async put(file: string, text: string): Promise<void> {
		const path = join(this.path, file);
		await writeFile(`${path}.new`, text);
		await chmod(`${path}.new`, 0o644);
		await rename(`${path}.new`, path);
	}

	/** As `put`, of a file that nobody reads yet, and at once, as `make` and for the same reason. @returns its path */
	putFirst(file: string, text: string): string {
		const path = join(this.path, file);
		writeFileSync(path, text);
		chmodSync(path, 0o644);
		return path;
	}

	async withdraw(file: string): Promise<void> {
		await rm(join(this.path, file), { force: true });
	}

	async remove(): Promise<void> {
		await rm(this.path, { recursive: true, force: true });
	}
}

/** The folders of all sandboxes of this server. */
export class MountedFolders {
	readonly root: string;

	/** @param root absolute; made when the first is asked for */
	constructor(root: string) {
		this.root = root;
	}

	of(name: string): MountedFolder {
		// Other users of the machine must not get at the sockets in it.
		mkdirSync(this.root, { recursive: true, mode: 0o700 });
		return new MountedFolder(this.root, name);
	}

	/** Names of sandboxes that have one. */
	async names(): Promise<string[]> {
		mkdirSync(this.root, { recursive: true, mode: 0o700 });
		return await readdir(this.root);
	}
}
