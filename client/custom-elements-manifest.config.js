/** Reads the doc comments of the elements. The tables of elements bind the tags to the classes. */
export default {
  globs: [
    'src/components/*/underpaint-*.ts',
    'src/components/text-element.ts',
    'src/components/*/{studio-properties,sketch-settings}.ts',
    'src/components/{studio-elements,webcam,extras,hands,rooms}.ts',
  ],
  exclude: ['**/*.test.ts', '**/*.styles.ts'],
  outdir: 'dist',
  litelement: true,
  plugins: [tagsFromDefine()],
};

/** The analyzer understands `customElements.define('tag', Class)` with literals only. Here the tags are in a table. */
function tagsFromDefine() {
  const tags = new Map();
  return {
    name: 'tags-from-define',
    analyzePhase({ ts, node }) {
      if (!ts.isPropertyAssignment(node) || !ts.isStringLiteral(node.name)) return;
      if (ts.isIdentifier(node.initializer)) tags.set(node.initializer.text, node.name.text);
    },
    packageLinkPhase({ customElementsManifest }) {
      for (const module of customElementsManifest.modules) {
        module.path = module.path.replace(/^src\/(.*)\.ts$/, 'dist/esm/$1.js');
        for (const declaration of module.declarations ?? []) {
          const tagName = tags.get(declaration.name);
          if (tagName === undefined) continue;
          declaration.tagName = tagName;
          module.exports.push({
            kind: 'custom-element-definition',
            name: tagName,
            declaration: { name: declaration.name, module: module.path },
          });
        }
      }
    },
  };
}
