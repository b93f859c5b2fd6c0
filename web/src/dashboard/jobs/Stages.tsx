export default function Stages() {
  return <h1>Stages</h1>;
}
