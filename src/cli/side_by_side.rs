use std::sync::atomic::{AtomicUsize, Ordering};
use std::{io, iter, panic, thread};

/// How much stack each worker has: as much as the program itself on most systems.
const STACK: usize = 8 << 20;

/// Does `count` pieces of work on all processors; what comes of them is in the order of their numbers.
///
/// # Errors
///
/// When the system gives no thread.
pub(super) fn side_by_side<T: Send>(count: usize, work: impl Fn(usize) -> T + Sync) -> io::Result<Vec<T>> {
    // The memory of a thread of its own is dearer to come by, which a large file would feel.
    if count == 1 {
        return Ok(vec![work(0)]);
    }
    let next = AtomicUsize::new(0);
    let some = || {
        let numbers =
            iter::repeat_with(|| next.fetch_add(1, Ordering::Relaxed)).take_while(|number| *number < count);
        numbers.map(|number| (number, work(number))).collect::<Vec<_>>()
    };
    let workers = thread::available_parallelism().map_or(1, usize::from).min(count);
    let mut done = thread::scope(|scope| {
        let started =
            (0..workers).map(|_| thread::Builder::new().stack_size(STACK).spawn_scoped(scope, some));
        let started = started.collect::<io::Result<Vec<_>>>()?;
        let ended = started.into_iter().map(|worker| worker.join());
        Ok::<_, io::Error>(
            ended
                .flat_map(|some| some.unwrap_or_else(|panic| panic::resume_unwind(panic)))
                .collect::<Vec<_>>(),
        )
    })?;
    done.sort_by_key(|(number, _)| *number);
    Ok(done.into_iter().map(|(_, what)| what).collect())
}
