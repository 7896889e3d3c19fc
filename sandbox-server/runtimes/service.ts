/** A program of ours beside the sandboxes, such as the registry: one container that is looked after. */
export interface Service {
	/** Runs, and from the image that is wanted. @throws RuntimeAway */
	runs(): Promise<boolean>;
	/** Starts it, in the place of one that is there. @throws RuntimeAway, StartFailed */
	start(): Promise<void>;
	/** Ends and removes it; what it has written into its folders stays. Idempotent. @throws RuntimeAway */
	stop(): Promise<void>;
}
