// The system's fonts: nothing is loaded from elsewhere, nor carried along.
export { default } from "vitepress/theme-without-fonts";
