declare module "*.graphqls" {
  const text: string;
  export default text;
}
