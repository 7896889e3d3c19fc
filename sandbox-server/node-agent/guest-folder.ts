/** What sandboxes find at /opt/etabli: copied from this program's image to the node, where it stays while pods use it, whatever becomes of the image. */
import { createHash } from 'node:crypto';
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';

/**
 * @param source folder of files
 * @param state folder of this program's own
 * @returns the folder to mount, named for its content: an older one goes on to serve the sandboxes that have it @throws Error of the system
 */
export function placeGuest(source: string, state: string): string {
	const hash = createHash('sha256');
	const files = readdirSync(source).sort();
	for (const file of files) {
		const content = readFileSync(join(source, file));
		hash.update(`${file} ${statSync(join(source, file)).mode & 0o111 ? 'x' : ''} ${content.length}\0`).update(content);
	}
	const root = join(state, 'guest');
	const folder = join(root, hash.digest('hex').slice(0, 16));
	mkdirSync(root, { recursive: true });
	const used = mountedRoots();
	for (const other of readdirSync(root)) {
		const path = join(root, other);
		if (path !== folder && !used.some((mounted) => mounted.endsWith(`/guest/${other}`))) rmSync(path, { recursive: true, force: true });
	}
	if (existsSync(folder)) return folder;
	const draft = `${folder}.new`;
	cpSync(source, draft, { recursive: true });
	for (const file of files) chmodSync(join(draft, file), statSync(join(source, file)).mode & 0o111 ? 0o755 : 0o644);
	chmodSync(draft, 0o755);
	renameSync(draft, folder);
	return folder;
}

/** What the mounts of this machine show, as paths within their file systems. */
function mountedRoots(): string[] {
	return readFileSync('/proc/self/mountinfo', 'utf8')
		.split('\n')
		.map((line) => line.split(' ')[3] ?? '');
}
