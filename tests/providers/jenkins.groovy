// Runs a Jenkinsfile as Jenkins' declarative pipeline would, as far as ours goes: what it does not know it refuses.
// Arguments: the Jenkinsfile, and a file of JSON with what is known there.
import groovy.json.JsonSlurper
import org.codehaus.groovy.control.CompilerConfiguration

class World {
  Map known
  Map variables = [:]
  File workspace
  File stashes
  File archive

  File newWorkspace(String stage) {
    def folder = new File(known.top as String, "agents/$stage")
    start(['git', 'clone', '--quiet', known.source as String, folder.path], new File('/'), [:])
    folder
  }

  void start(List command, File folder, Map more) {
    def builder = new ProcessBuilder(command*.toString()).directory(folder).redirectErrorStream(true)
    def env = builder.environment()
    env.clear()
    (known.env + variables + more).each { name, value -> env[name.toString()] = value.toString() }
    def process = builder.start()
    process.inputStream.eachLine { line -> println line }
    def code = process.waitFor()
    if (code != 0) throw new IllegalStateException("script returned exit code $code")
  }
}

/** A section of a Jenkinsfile: it has the members of its class, and no others. */
abstract class Section {
  World world
  def run(Closure body) {
    body.delegate = this
    body.resolveStrategy = Closure.DELEGATE_ONLY
    body()
  }
  def methodMissing(String name, args) { throw new MissingMethodException(name, this.class, args as Object[]) }
  def propertyMissing(String name) { throw new MissingPropertyException(name, this.class) }
}

class PipelineSection extends Section {
  def none = 'none'
  boolean hasAgent
  List stages = []
  def agent(String which) { hasAgent = true }
  def stages(Closure body) { new StagesSection(world: world, all: stages).run(body) }
}

class StagesSection extends Section {
  List all
  def stage(String name, Closure body) {
    def one = new StageSection(world: world, name: name)
    one.run(body)
    if (one.steps == null) throw new IllegalStateException("stage $name has no steps")
    if (!one.hasAgent) throw new IllegalStateException("stage $name has no agent")
    all << one
  }
}

class StageSection extends Section {
  String name
  def any = 'any'
  boolean hasAgent
  boolean holds = true
  boolean beforeInput
  InputSection asked
  Closure steps
  Closure always
  def agent(String which) { hasAgent = true }
  def agent(Closure body) { hasAgent = true; new AgentSection(world: world).run(body) }
  def when(Closure body) {
    def section = new WhenSection(world: world)
    section.run(body)
    holds = section.all.every { it }
    beforeInput = section.inputLast
  }
  def input(Closure body) { asked = new InputSection(world: world, named: name); asked.run(body) }
  def steps(Closure body) { steps = body }
  def post(Closure body) { def section = new PostSection(world: world); section.run(body); always = section.kept }
}

class AgentSection extends Section {
  def label(String text) {}
  def docker(Closure body) { new ContainerSection(world: world).run(body) }
}

class ContainerSection extends Section {
  def image(String name) {}
}

class WhenSection extends Section {
  List all = []
  boolean inputLast
  def beforeInput(boolean yes) { inputLast = yes }
  def beforeAgent(boolean yes) {}
  def branch(String name) { all << (world.known.branch == name) }
  def changeRequest() { all << (world.known.change == true) }
  def not(Closure body) {
    def inner = new WhenSection(world: world)
    inner.run(body)
    all << !inner.all.every { it }
  }
}

class InputSection extends Section {
  String named
  List parameters = []
  def message(String text) {}
  def id(String text) { named = text }
  def parameters(Closure body) { new ParametersSection(world: world, all: parameters).run(body) }
}

class ParametersSection extends Section {
  List all
  def text(Map given) { all << given.name }
}

class PostSection extends Section {
  Closure kept
  def always(Closure body) { kept = body }
}

class StepsSection extends Section {
  def timeout(Map given, Closure body) {
    if (given.unit != 'MINUTES' || !(given.time instanceof Integer)) throw new IllegalStateException("timeout $given")
    new StepsSection(world: world).run(body)
  }
  def lock(String name, Closure body) { new StepsSection(world: world).run(body) }
  def withCredentials(List bindings, Closure body) {
    def before = new HashMap(world.variables)
    bindings.each { world.variables.putAll(it as Map) }
    try { new StepsSection(world: world).run(body) } finally { world.variables = before }
  }
  def usernamePassword(Map given) {
    def found = credential(given.credentialsId as String)
    [(given.usernameVariable): found.username, (given.passwordVariable): found.password]
  }
  def string(Map given) { [(given.variable): credential(given.credentialsId as String)] }
  /** A copy of the file for as long as the steps run, of which they are told the path. */
  def file(Map given) {
    def copy = new File(world.known.top as String, given.credentialsId as String)
    copy.text = credential(given.credentialsId as String)
    [(given.variable): copy.path]
  }
  def credential(String id) {
    if (!world.known.credentials.containsKey(id)) throw new IllegalStateException("Could not find credentials entry with ID '$id'")
    world.known.credentials[id]
  }
  def sh(String text) {
    def script = File.createTempFile('script', '.sh')
    script.text = text
    def temp = new File(world.workspace.path + '@tmp')
    world.start(['sh', '-xe', script.path], world.workspace, [WORKSPACE_TMP: temp.path])
    script.delete()
  }
  def stash(Map given) { new File(world.stashes, given.name as String).bytes = new File(world.workspace, given.includes as String).bytes }
  def unstash(String name) { new File(world.workspace, 'release.json').bytes = new File(world.stashes, name).bytes }
  def junit(Map given) {
    (given.testResults as String).split(', ').each { println "junit $it ${new File(world.workspace, it).exists() ? 'found' : 'missing'}" }
  }
  def script(Closure body) { new StepsSection(world: world).run(body) }
  def echo(String text) { println text }
  /** Steps of plugins: without one of them Jenkins has no such method. */
  def recordCoverage(Map given) { record('coverage', given.tools[0].pattern) }
  def recordIssues(Map given) { record('warnings-ng', given.tools[0].pattern) }
  def sarif(Map given) { if ('warnings-ng' in world.known.plugins) given else throw new NoSuchMethodError('sarif') }
  def record(String plugin, path) {
    if (!(plugin in world.known.plugins)) throw new NoSuchMethodError(plugin)
    println "$plugin $path ${new File(world.workspace, path as String).exists() ? 'found' : 'missing'}"
  }
  def archiveArtifacts(Map given) {
    def folder = (given.artifacts as String).replaceAll('/\\*\\*$', '')
    world.start(['cp', '-R', folder, world.archive.path], world.workspace, [:])
  }
}

abstract class Pipelines extends Script {
  def pipeline(Closure body) {
    def section = new PipelineSection(world: binding.world)
    section.run(body)
    if (!section.hasAgent) throw new IllegalStateException('the pipeline has no agent')
    binding.stages = section.stages
  }
}

def world = new World(known: new JsonSlurper().parse(new File(args[1])) as Map)
world.stashes = new File(world.known.top as String, 'stashes')
world.archive = new File(world.known.top as String, 'artifacts')
[world.stashes, world.archive]*.mkdirs()
def settings = new CompilerConfiguration(scriptBaseClass: Pipelines.name)
def binding = new Binding(world: world)
new GroovyShell(this.class.classLoader, binding, settings).evaluate(new File(args[0]))
for (stage in binding.stages) {
  if (stage.beforeInput && !stage.holds) { println "stage ${stage.name}: skipped"; continue }
  if (stage.asked != null) {
    def answer = world.known.answers[stage.asked.named]
    if (answer == null) { println "stage ${stage.name}: waits"; System.exit(0) }
    stage.asked.parameters.each { world.variables[it] = answer[it] }
  }
  if (!stage.holds) { println "stage ${stage.name}: skipped"; continue }
  world.workspace = world.newWorkspace(stage.name)
  def failed = null
  try { new StepsSection(world: world).run(stage.steps) } catch (IllegalStateException problem) { failed = problem }
  if (stage.always != null) new StepsSection(world: world).run(stage.always)
  println "stage ${stage.name}: ${failed == null ? 'passed' : 'failed: ' + failed.message}"
  if (failed != null) System.exit(1)
}
