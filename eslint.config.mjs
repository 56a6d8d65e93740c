// The scripts and the tests. assembly/ is AssemblyScript: its compiler is its checker, tests/layers.test.ts its linter.
import tseslint from "typescript-eslint";

export default tseslint.config(
  { ignores: ["build/", "third_party/", "tests/entry/"] },
  ...tseslint.configs.strict,
  {
    rules: {
      "@typescript-eslint/no-non-null-assertion": "off", // the tests index into data they have just made
      eqeqeq: "error",
      "no-console": "off",
      "prefer-const": "error",
    },
  },
);
