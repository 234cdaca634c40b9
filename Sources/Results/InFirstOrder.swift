/// Each name once, where it comes first.
package func inFirstOrder<Value: Hashable>(_ names: [Value]) -> [Value] {
    var seen = Set<Value>()
    return names.filter { seen.insert($0).inserted }
}
