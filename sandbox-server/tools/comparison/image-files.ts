/** A small image in the formats that tools exchange, written by hand: nothing that makes images has to be there. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What engines call it. */
export const trialImage = 'etabli-compare:trial';

const architectures: Record<string, string> = { x64: 'amd64', arm64: 'arm64' };

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** By the names that stand in the folder, not "./name": some look for them so. @throws Error with tar's words */
function tar(folder: string, archive: string): void {
	const { status, stderr } = spawnSync('tar', ['-c', '--numeric-owner', '-f', archive, '-C', folder, ...readdirSync(folder)], {
		encoding: 'utf8',
		timeout: 60_000,
	});
	if (status !== 0) throw new Error(`tar could not make ${archive}: ${stderr}`);
}

/**
 * @param root folder of the image's files
 * @param folder where the archives are put; made
 * @returns absolute paths of the archives @throws Error when they cannot be written
 */
export function makeImageFiles(root: string, folder: string): { dockerArchive: string; ociArchive: string } {
	mkdirSync(folder, { recursive: true });
	const layer = join(folder, 'layer.tar');
	tar(root, layer);
	const bytes = readFileSync(layer);
	const diff = sha256(bytes);
	const config = Buffer.from(
		JSON.stringify({
			architecture: architectures[process.arch] ?? process.arch,
			os: 'linux',
			created: '2020-01-01T00:00:00Z',
			config: { Env: ['PATH=/usr/bin:/bin'], Cmd: ['/bin/sh'] },
			rootfs: { type: 'layers', diff_ids: [`sha256:${diff}`] },
			history: [{ created: '2020-01-01T00:00:00Z', created_by: 'etabli compare' }],
		}),
	);
	return { dockerArchive: dockerArchive(folder, layer, config), ociArchive: ociArchive(folder, layer, { config, diff }) };
}

function dockerArchive(folder: string, layer: string, config: Buffer): string {
	const at = join(folder, 'docker');
	const id = sha256(config);
	mkdirSync(join(at, id), { recursive: true });
	writeFileSync(join(at, id, 'layer.tar'), readFileSync(layer));
	writeFileSync(join(at, `${id}.json`), config);
	writeFileSync(join(at, 'manifest.json'), JSON.stringify([{ Config: `${id}.json`, RepoTags: [trialImage], Layers: [`${id}/layer.tar`] }]));
	return packed(at, join(folder, 'docker.tar'));
}

function ociArchive(folder: string, layer: string, { config, diff }: { config: Buffer; diff: string }): string {
	const at = join(folder, 'oci');
	const blobs = join(at, 'blobs/sha256');
	mkdirSync(blobs, { recursive: true });
	writeFileSync(join(blobs, diff), readFileSync(layer));
	writeFileSync(join(blobs, sha256(config)), config);
	const manifest = Buffer.from(
		JSON.stringify({
			schemaVersion: 2,
			mediaType: 'application/vnd.oci.image.manifest.v1+json',
			config: { mediaType: 'application/vnd.oci.image.config.v1+json', digest: `sha256:${sha256(config)}`, size: config.length },
			layers: [{ mediaType: 'application/vnd.oci.image.layer.v1.tar', digest: `sha256:${diff}`, size: statSync(layer).size }],
		}),
	);
	writeFileSync(join(blobs, sha256(manifest)), manifest);
	writeFileSync(join(at, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
	const described = {
		mediaType: 'application/vnd.oci.image.manifest.v1+json',
		digest: `sha256:${sha256(manifest)}`,
		size: manifest.length,
		annotations: { 'org.opencontainers.image.ref.name': trialImage, 'io.containerd.image.name': `docker.io/library/${trialImage}` },
	};
	writeFileSync(
		join(at, 'index.json'),
		JSON.stringify({ schemaVersion: 2, mediaType: 'application/vnd.oci.image.index.v1+json', manifests: [described] }),
	);
	return packed(at, join(folder, 'oci.tar'));
}

function packed(folder: string, archive: string): string {
	tar(folder, archive);
	rmSync(folder, { recursive: true, force: true });
	return archive;
}
