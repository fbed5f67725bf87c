import ImageManagement
import OCISpec
package import Reporting

extension Builder {
    /// Builds, and keeps what the steps say.
    package func build(
        _ request: sending BuildRequest,
        recordedIn history: BuildHistory,
        progress: @escaping ProgressSink
    ) async throws -> BuildResult {
        let log: BuildLog
        do { log = try history.begin(request) } catch {
            // A build that can't be written down is a build all the same.
            progress(.note("what the steps say can't be kept: \(error)"))
            return try await build(request, progress: progress)
        }
        progress(.recorded(log.id))
        let sink: ProgressSink = { event in
            log.take(event)
            progress(event)
        }
        do {
            let result = try await build(request, progress: sink)
            if let problem = log.finish(.success(result.image.id.description)) {
                progress(.note("what the steps said isn't kept whole: \(problem)"))
            }
            return result
        } catch {
            _ = log.finish(.failure(error))
            throw error
        }
    }
}
