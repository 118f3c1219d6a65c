/* library.ts: the library and what is kept of it on the device; a file of its own, as lazy.ts. */
export { kept } from "./kept";
export { collections, loadThemes, themeName, themes } from "./shelf";
export { FieldsForm, themeOptions } from "./views/fields";
export { KeptUse } from "./views/keptuse";
export { Promote } from "./views/promote";
export { ResourceHead } from "./views/resource";
export { ResourcesView } from "./views/resources";
