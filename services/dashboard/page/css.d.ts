// esbuild takes style sheets that code imports into the page; to types they are nothing.
declare module "*.css";
