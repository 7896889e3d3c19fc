import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Course } from '../../src/shared/course/course.ts';
import type { ImageStore } from '../images/image-store.ts';
import { Failure } from './failure.ts';
import { ensureImages, isTrusted } from './images.ts';
import { root } from './paths.ts';
import { Progress } from './progress.ts';

test('Dockerfiles of the checkout are trusted, those from elsewhere when their folder is named, by whatever way', (t) => {
	const place = realpathSync(mkdtempSync(join(tmpdir(), 'etabli-trust-')));
	t.after(() => rmSync(place, { recursive: true }));
	for (const name of ['courses/mpi', 'courses-of-others/x']) mkdirSync(join(place, name), { recursive: true });
	symlinkSync(join(place, 'courses'), join(place, 'link'));
	const [mpi, x] = ['courses/mpi', 'courses-of-others/x'].map((name) => ({ path: join(place, name) }));
	assert.ok(mpi && x);
	assert.ok(isTrusted({ path: join(root, 'courses/tp-apptainer') }, []));
	assert.ok(!isTrusted(mpi, []));
	for (const folder of ['courses', 'courses/mpi', 'link', 'link/mpi'])
		assert.ok(isTrusted(mpi, [join(place, 'none'), join(place, folder)]), folder);
	assert.ok(!isTrusted(x, [join(place, 'courses')]), 'a name that only begins so');
});

test('the machine with Slurm begins with the layers of tp-apptainer, and so do its registry images: the engine has them once', () => {
	const steps = (path: string): string[] =>
		readFileSync(join(root, 'courses', path), 'utf8')
			.replace(/^#.*\n/gm, '')
			.split(/\n(?=[A-Z]+ )/)
			.map((step) => step.trim());
	const own = steps('tp-cluster/image/Dockerfile');
	const slurm = own.findIndex((step) => step.includes('slurmctld'));
	assert.ok(slurm > 2);
	assert.deepEqual(own.slice(0, slurm), steps('tp-apptainer/image/Dockerfile').slice(0, slurm));
	for (const name of ['busybox', 'debian-mini'])
		assert.deepEqual(steps(`tp-cluster/registry/${name}/Dockerfile`), steps(`tp-apptainer/registry/${name}/Dockerfile`));
	const toolchain = steps('tp-apptainer/registry/toolchain/Dockerfile');
	const made = toolchain.indexOf('FROM scratch');
	assert.ok(made > 3);
	for (const name of ['mpich', 'openmpi'])
		assert.deepEqual(steps(`tp-cluster/registry/${name}/Dockerfile`).slice(0, made), toolchain.slice(0, made));
});

test('a course from elsewhere is not built where builds have this machine’s own network, unless it is trusted with it', async (t) => {
	const path = realpathSync(mkdtempSync(join(tmpdir(), 'etabli-course-')));
	t.after(() => rmSync(path, { recursive: true }));
	mkdirSync(join(path, 'image'));
	writeFileSync(join(path, 'image/Dockerfile'), 'ARG BASE\nFROM $BASE\n');
	const built: string[] = [];
	const store = {
		onlyHostNetwork: true,
		inspect: async () => undefined,
		names: async () => [],
		build: async ({ network }: { network: string }) => void built.push(network),
	} as unknown as ImageStore;
	const progress = new Progress({ write: () => undefined });
	const course = { slug: 'mpi', path, settings: { image: 'image', registry: [] }, lessons: [] } as unknown as Course;
	const request = { courses: [course], base: 'base:1', store, progress, rootless: true } as unknown as Parameters<typeof ensureImages>[0];
	await assert.rejects(
		ensureImages({ ...request, trust: [] }),
		(error) => error instanceof Failure && error.message.includes('comes from elsewhere') && (error.hint ?? '').includes(`--trust ${path}`),
	);
	await ensureImages({ ...request, trust: [path] });
	assert.deepEqual([...new Set(built)], ['host']);
});
