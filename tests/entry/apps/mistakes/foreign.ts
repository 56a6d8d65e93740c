// Imports a function that no board has.

// @ts-ignore: decorator
@external("env", "launch")
declare function launch(): void;

launch();
