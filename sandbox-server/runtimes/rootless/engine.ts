/** The engine of a user who is not root, on a machine where none answers: this server makes containers itself, and builds their images. */
import { copyFileSync, existsSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { FolderImages } from '../../images/folder/folder-images.ts';
import { ContainerRuntime } from '../container-runtime.ts';
import type { Engine, RuntimeFolders } from '../engine.ts';
import { type Runtime, RuntimeAway, type RuntimeInfo } from '../runtime.ts';
import { RootlessSteps } from './build-steps.ts';
import { imageFolder, rootlessFacts, rootlessHindrance, rootlessUrl, stateFolder, statePlace } from './choice.ts';
import { RootlessContainers } from './containers.ts';

export class RootlessEngine implements Engine {
	readonly url = rootlessUrl;
	readonly kind = 'rootless';
	readonly local = true;
	readonly containers: RootlessContainers;
	readonly images: FolderImages;
	readonly #state: string;

	private constructor(state: string, guest?: string) {
		this.#state = state;
		const agent = () => agentOf(guest);
		this.images = new FolderImages(imageFolder(), () => this.containers.images(), new RootlessSteps(agent));
		this.containers = new RootlessContainers({ root: state, images: this.images, agent });
	}

	/** @throws RuntimeAway with a sentence, when this user may not */
	static connect(): RootlessEngine {
		const hindrance = rootlessHindrance(rootlessFacts());
		if (hindrance) throw new RuntimeAway(`${hindrance.text} ${hindrance.remedy}`);
		try {
			return new RootlessEngine(stateFolder());
		} catch (error) {
			throw new RuntimeAway(error instanceof Error ? error.message : String(error), { cause: error });
		}
	}

	get builder(): Engine {
		return this;
	}

	async info(signal?: AbortSignal): Promise<RuntimeInfo> {
		return await this.containers.info(signal);
	}

	withGuest(guest: string): RootlessEngine {
		// A copy: a data folder may go before the last container of it.
		const fresh = `${keptAgent()}.${process.pid}.new`;
		copyFileSync(join(guest, 'agent'), fresh);
		renameSync(fresh, keptAgent());
		return new RootlessEngine(this.#state, guest);
	}

	runtime(folders: RuntimeFolders): Runtime {
		return new ContainerRuntime({ ...folders, containers: this.withGuest(folders.guest).containers });
	}

	async makeReady(image: string, signal = new AbortController().signal): Promise<void> {
		await this.images.get(image, signal);
	}

	/** Its programs are ours alone: they have no profile of an engine to take the place of. */
	withApparmor(): RootlessEngine {
		return this;
	}

	async pid(name: string): Promise<number | undefined> {
		return this.containers.pid(name);
	}

	async using(folder: string): Promise<string[]> {
		return this.containers.using(folder);
	}

	async idle(): Promise<boolean> {
		return (await this.containers.list({})).every(({ running }) => !running);
	}
}

/** Beside the images: where programs can be started, which folders in memory often forbid. */
const keptAgent = (): string => join(dirname(imageFolder()), 'agent');

/** The agent of a guest folder; without one, the last that a server of this user had: for services, and for what is left to be ended. */
function agentOf(guest: string | undefined): string {
	if (guest !== undefined) return join(guest, 'agent');
	if (!existsSync(keptAgent())) throw new RuntimeAway('there is no program yet that could make a container: ./etabli up prepares it');
	return keptAgent();
}

/** Containers that a server of this user has started so, whether or not that could be done now. */
export function rootlessContainersLeft(): RootlessContainers | undefined {
	// Root starts none so. Looking makes nothing.
	if (process.getuid?.() === 0 || !existsSync(join(statePlace(), 'bundles'))) return undefined;
	try {
		const state = stateFolder();
		const get = () => Promise.reject(new RuntimeAway('nothing is started here'));
		return new RootlessContainers({ root: state, images: { get }, agent: keptAgent });
	} catch {
		// Somebody else's folder: nothing in it is ours.
		return undefined;
	}
}
