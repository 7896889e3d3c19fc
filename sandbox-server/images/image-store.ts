/** Images: where they are kept, and how they get there. docker/ keeps them in Docker or Podman. */
import type { Readable } from 'node:stream';

export interface ImageInfo {
	/** Of its content: another one when the image is another. */
	id: string;
	bytes: number;
	/** Its programs' environment, "NAME=value". */
	env: string[];
}

export interface BuildOrder {
	/** A folder with a Dockerfile, or the text of one that needs no folder. */
	from: { folder: string } | { dockerfile: string };
	/** What the image is called: "name:tag". */
	reference: string;
	/** ARG → value. */
	args: Record<string, string>;
	/**
	 * What build steps reach. host: whatever the engine's machine does, its own services included; that is how they reach a mirror wherever it
	 * is. engine: what the engine gives to any container.
	 */
	network: 'host' | 'engine';
	/** Told what the build prints. */
	onLine?: (line: string) => void;
	signal?: AbortSignal | undefined;
}

/** A command that makes a file of files, in a container of its own that has no network and is gone afterwards. */
export interface OneRun {
	image: string;
	command: string[];
	/** Absolute path → content; there before the command starts. */
	files: Record<string, Uint8Array>;
	/** Absolute path of what it makes. */
	result: string;
	/** Absolute path of its words, read when it fails. */
	log: string;
}

/** Called with what the store says of its progress; ends with the signal. */
export interface Following {
	onLine?: (line: string) => void;
	signal?: AbortSignal | undefined;
}

export interface ImageStore {
	/** Whatever is asked, builds have this machine's own network. */
	readonly onlyHostNetwork?: boolean;
	/** undefined: there is no such image. */
	inspect(reference: string): Promise<ImageInfo | undefined>;
	/** Names ("name:tag") of the images of a repository, the newest first; of all, when it is left out. */
	names(repository?: string): Promise<string[]>;
	/** @throws BuildFailed; the signal's reason */
	build(order: BuildOrder): Promise<void>;
	/** From whatever registry the store asks. @throws when there is none, or after `silence` ms without a word */
	pull(reference: string, options: Following & { silence: number }): Promise<void>;
	/**
	 * To the registry that its name begins with.
	 * @param login as it was given to the engine's command line, for that registry
	 * @throws with the registry's words
	 */
	push(reference: string, options: Following & { login?: { username: string; password: string } | undefined }): Promise<void>;
	/** Makes an image of a root file system: a tar archive. */
	importRoot(archive: Readable, reference: string): Promise<void>;
	/** The root file system of an image, as a tar archive. */
	exportRoot(reference: string, signal?: AbortSignal): Promise<Readable>;
	/** Images with their names in the store's own archive, which `load` takes. */
	save(references: readonly string[], signal?: AbortSignal): Promise<Readable>;
	/** @throws with the store's words */
	load(archive: Readable, options?: Following): Promise<void>;
	/** Gives it another name besides. @throws when there is no such image */
	tag(reference: string, as: string): Promise<void>;
	/** Takes the name away, and the image when that was its last; it stays as long as a container is made of it. Idempotent. */
	untag(reference: string): Promise<void>;
	/** @returns content of the result @throws RunFailed with the command's words */
	runOnce(run: OneRun): Promise<Buffer>;
	/** Where it keeps them, on its own machine; undefined when it does not say. */
	folder(): Promise<string | undefined>;
}

/** `message`: the last lines of the build. */
export class BuildFailed extends Error {
	override readonly name = 'BuildFailed';
}

export class RunFailed extends Error {
	override readonly name = 'RunFailed';
}
