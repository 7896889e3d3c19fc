/**
 * The archive of `./etabli export`: a tar file, docs/decisions/0012-export.md has the reasons.
 *
 * | member | |
 * |---|---|
 * | `etabli-export.json` | first: what this is, for which machines, what is in it |
 * | `etabli/…` | Établi itself, for `tar -xf FILE etabli`: files as they are, Node.js and npm's packages in `.etabli/packed.tar.gz` |
 * | `payload/files.NNNN` | parts of one zstd stream, a tar of `site/`, `guest/`, `stamps/`, `courses/` |
 * | `payload/images.NNNN` | parts of one zstd stream, the engine's own archive of all images |
 * | `etabli-export.sums.json` | last: size and SHA-256 of every member before it |
 */
import { z } from 'zod';
import { slugSchema } from '../../../src/shared/course/course.ts';

/** Raised when an older program could not read the archive. */
export const format = 1;
/** Stands in the header: this is an archive of ours. */
export const kind = 'etabli-export';
export const headerName = 'etabli-export.json';
export const sumsName = 'etabli-export.sums.json';
/** Folder of Établi itself. */
export const programFolder = 'etabli';
/** The two streams that are cut into parts. */
export const payloads = ['files', 'images'] as const;
export type Payload = (typeof payloads)[number];
/** Bytes of a part: a tar file wants to know a member's size before its first byte, and a stream has none. */
export const partSize = 16 * 2 ** 20;
/** @param number from 0. @returns the member's name in the archive */
export const partName = (payload: Payload, number: number): string => `payload/${payload}.${String(number).padStart(4, '0')}`;
/** Folders of the `files` stream. */
export const fileFolders = ['site', 'guest', 'stamps', 'courses'] as const;

const reference = z.string().regex(/^etabli-(base|registry|course-[a-z0-9-]+|seed\/[a-z0-9._/-]+):[0-9a-f]{12}$/);

/** The first member. */
export const headerSchema = z.strictObject({
	kind: z.literal(kind),
	format: z.literal(format),
	etabli: z.string().max(60).describe('version of the program'),
	program: z
		.string()
		.regex(/^[0-9a-f]{64}$/)
		.describe('hash of what Établi consists of'),
	architecture: z.string().max(20).describe('as Node.js names it: x64, arm64'),
	node: z.string().max(20),
	created: z.iso.datetime(),
	courses: z.array(z.strictObject({ slug: slugSchema, title: z.string(), version: z.string().optional() })).min(1),
	images: z.array(z.strictObject({ saved: reference.describe('in the archive'), as: reference.describe('on the other machine') })).min(1),
	bytes: z.strictObject({ files: z.number().int().min(0), images: z.number().int().min(0) }).describe('unpacked; images: at most'),
});
export type ExportHeader = z.infer<typeof headerSchema>;

/** What every format of the future will have too. */
export const anyHeaderSchema = z.object({ kind: z.literal(kind), format: z.number().int(), etabli: z.string().optional() });

export const sumsSchema = z.strictObject({
	members: z.array(z.strictObject({ name: z.string(), size: z.number().int().min(0), sha256: z.string().length(64) })),
});
export type Sums = z.infer<typeof sumsSchema>;

/** 1234567890 → "1.2 GiB", 5000000 → "4.8 MiB". */
export function inUnits(bytes: number): string {
	return bytes >= 2 ** 30 ? `${(bytes / 2 ** 30).toFixed(1)} GiB` : `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}
